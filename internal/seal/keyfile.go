package seal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"tocsin/internal/fault"
)

// KeyFile reads the key from a file; a file that does not exist is made, with a
// fresh key that only its owner may read. made tells whether it was. Two
// processes that start at once end with the same key.
func KeyFile(path string) (k Key, made bool, err error) {
	k, err = readKeyFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, false, err
	}
	fresh := NewKey()
	err = writeOnce(path, []byte(fresh.Text()+"\n"))
	if errors.Is(err, fs.ErrExist) {
		k, err = readKeyFile(path)
		return k, false, err
	}
	if err != nil {
		return Key{}, false, &fault.Fault{Kind: fault.Invalid, Says: "the key file " + path + " cannot be written; check that its folder exists and that you may write there, or name another with --key-file", Err: err}
	}
	return fresh, true, nil
}

func readKeyFile(path string) (Key, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, err
	}
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return Key{}, fault.New(fault.Invalid, "the key file %s may be read by others than its owner; run chmod 600 on it and think about who has read it", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Key{}, &fault.Fault{Kind: fault.Invalid, Says: "the key file " + path + " cannot be read; check its owner and that it is a file", Err: err}
	}
	k, err := ReadKey(string(b))
	if err != nil {
		return Key{}, &fault.Fault{Kind: fault.Invalid, Says: "the file " + path + " holds no key of a store; bring back the file that was made with the store", Err: err}
	}
	return k, nil
}

// writeOnce makes the file with all of its content or not at all, and never
// replaces one.
func writeOnce(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
