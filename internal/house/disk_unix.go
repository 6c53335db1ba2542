//go:build linux || darwin || freebsd

package house

import "syscall"

// free is how many bytes an ordinary account may still write below a folder; -1 is
// not known.
func free(dir string) int64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
