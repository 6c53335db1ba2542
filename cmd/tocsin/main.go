// Command tocsin is the whole house: see package cli.
package main

func main() {}
