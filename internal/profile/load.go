package profile

import "io/fs"

// Load reads the profile in fsys, or reports every mistake of it.
func Load(fsys fs.FS, words Words) (*Profile, error) { return nil, nil }
