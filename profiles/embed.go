// Package profiles carries the profiles that come with the program, a folder
// each. They are data: package profile of the house reads and checks them.
package profiles

import "embed"

// FS holds one folder a profile.
//
//go:embed gitlab generic
var FS embed.FS
