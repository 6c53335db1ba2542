package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"tocsin/internal/advisory"
	"tocsin/internal/format/all"
)

// form is one file in which an advisory is published.
type form struct {
	Kind  string // in the address: "csaf", "cve", "osv", "openvex"
	Title string
	File  string
	Media string
	Body  []byte
	SHA   string // SHA-256 of Body, hexadecimal
}

// path is where the form of the advisory is.
func (f form) path(name string) string {
	return advisoriesPath + "/" + name + "/" + f.Kind + "/" + f.File
}

// titles are how people call the forms.
var titles = map[string]string{"csaf": "CSAF 2.0", "cve": "CVE record", "osv": "OSV", "openvex": "OpenVEX"}

// kindOf is a form's name without its version: "csaf" of "csaf-2.0".
func kindOf(name string) string {
	kind, _, _ := strings.Cut(name, "-")
	return kind
}

// forms writes the Document in every published form that can say it. One that
// cannot, for example a CVE record of what has no CVE ID, is not offered.
func forms(d advisory.Document) (out []form) {
	for _, f := range all.Formats {
		files, err := f.Render(d)
		if err != nil {
			continue
		}
		kind := kindOf(f.Name())
		for _, file := range files {
			sum := sha256.Sum256(file.Body)
			out = append(out, form{kind, titles[kind], file.Name, file.Media, file.Body, hex.EncodeToString(sum[:])})
		}
	}
	return out
}

// shelf keeps the forms of the publications that were asked for lately. What is
// published does not change: another revision, or withdrawing it, is another key.
type shelf struct {
	mu  sync.Mutex
	all map[place][]form
	old []place
}

type place struct {
	name      string
	revision  int
	withdrawn bool
}

const shelfHolds = 200

// forms returns the published forms of a publication.
func (s *shelf) forms(p advisory.Publication) []form {
	key := place{p.Name, p.Revision, p.Withdrawn}
	s.mu.Lock()
	got, ok := s.all[key]
	s.mu.Unlock()
	if ok {
		return got
	}
	got = forms(p.Document)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[place][]form{}
	}
	if _, ok := s.all[key]; !ok {
		s.old = append(s.old, key)
	}
	s.all[key] = got
	if len(s.old) > shelfHolds {
		delete(s.all, s.old[0])
		s.old = slices.Delete(s.old, 0, 1)
	}
	return got
}
