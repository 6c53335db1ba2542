// Command tocsin is the whole house in one binary; package cli holds its commands.
package main

import (
	"os"

	"tocsin/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
