// Command tests runs go test and prints what it says, and at the end every test
// that was skipped, with its reason. A test skipped for want of something that
// tools/setup installs fails the run: a test that silently does not run is no
// test. It is run by make test; its arguments are those of go test.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	cmd := exec.Command("go", append([]string{"test", "-json"}, os.Args[1:]...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tests:", err)
		os.Exit(1)
	}
	skips, readErr := report(out, os.Stdout)
	_, _ = io.Copy(io.Discard, out) // so that go test can end; what is left could not be read
	err = cmd.Wait()
	if readErr != nil {
		fmt.Fprintln(os.Stderr, "tests:", readErr)
	}
	if wanting := tell(skips, os.Stdout); wanting > 0 || err != nil || readErr != nil {
		os.Exit(1)
	}
}
