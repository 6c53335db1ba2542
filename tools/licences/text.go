package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// licences are what the project accepts, each known by words that all must stand
// in its text; the first that fits is it. The longer text stands before the
// shorter that it contains.
var licences = []struct {
	name  string
	words []string
}{
	{"Apache-2.0", []string{"apache license", "version 2.0, january 2004"}},
	{"MPL-2.0", []string{"mozilla public license", "version 2.0"}},
	{"OFL-1.1", []string{"sil open font license version 1.1"}},
	{"MIT", []string{"permission is hereby granted, free of charge, to any person obtaining a copy"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "endorse or promote products derived"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software for any purpose with or without fee", "copyright notice and this permission notice appear"}},
	{"ISC", []string{"permission to use, copy, modify, and distribute this software for any purpose with or without fee", "copyright notice and this permission notice appear"}},
	{"0BSD", []string{"permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"}},
	{"public-domain", []string{"sqlite is public domain", "dedicated to the public domain by the authors"}},
}

// readByPeople are files that look like licences, are not recognised, and were read: why they do not matter.
var readByPeople = map[string]string{
	"modernc.org/memory LICENSE-LOGO": "where the picture of the project comes from; it is not compiled in",
}

// refused are titles of licences that a text may not begin with, whatever it quotes.
var refused = []string{"gnu ", "affero", "server side public", "business source", "commons clause", "elastic license"}

// recognise names the licence of a text.
func recognise(text string) (string, bool) {
	flat := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	head := flat[:min(len(flat), 200)]
	if slices.ContainsFunc(refused, func(w string) bool { return strings.Contains(head, w) }) {
		return "", false
	}
	for _, l := range licences {
		if !slices.ContainsFunc(l.words, func(w string) bool { return !strings.Contains(flat, w) }) {
			return l.name, true
		}
	}
	return "", false
}

// licencesIn names the licences of the module at path by the files in its folder.
// One file that is not recognised is enough to fail.
func licencesIn(path, dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var kinds []string
	for _, e := range entries {
		if e.IsDir() || !licenceFile(e.Name()) || readByPeople[path+" "+e.Name()] != "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		kind, ok := recognise(string(text))
		if !ok {
			return nil, errors.New(e.Name() + " is not a licence that the project accepts")
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) == 0 {
		return nil, errors.New("has no licence file")
	}
	return kinds, nil
}

// licenceFile tells whether a file's name is one that licences have.
func licenceFile(name string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	stem, _, _ = strings.Cut(stem, "-")
	return stem == "license" || stem == "licence" || stem == "copying" || stem == "unlicense"
}
