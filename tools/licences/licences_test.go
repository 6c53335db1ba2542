package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRecognise(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a BSD text with the clause on names has three", "Redistribution and use in source and binary forms …\nNeither the name … be used to endorse or promote\nproducts derived", "BSD-3-Clause"},
		{"a BSD text without it has two", "Redistribution and use in source\nand binary forms", "BSD-2-Clause"},
		{"line breaks do not matter", "Permission is hereby granted,\n  free of charge, to any person\n obtaining a copy", "MIT"},
		{"the MPL mentions the GPL and is the MPL", "Mozilla Public License Version 2.0 " + strings.Repeat("x ", 200) + "GNU General Public License", "MPL-2.0"},
		{"without the duty to keep the notice it is 0BSD", "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee", "0BSD"},
		{"the GPL is refused", "GNU GENERAL PUBLIC LICENSE Version 3", ""},
		{"a condition put before MIT is refused", "Commons Clause … Permission is hereby granted, free of charge, to any person obtaining a copy", ""},
		{"anything else is refused", "You may do as you please.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if have, ok := recognise(c.text); have != c.want || ok != (c.want != "") {
				t.Errorf("licence %q, want %q", have, c.want)
			}
		})
	}
}

func TestModuleWithoutLicenceIsRefused(t *testing.T) {
	dir := t.TempDir()
	if kinds, err := licencesIn("example.org/x", dir); err == nil {
		t.Errorf("licences %v, want a refusal", kinds)
	}
	if err := os.WriteFile(filepath.Join(dir, "LICENSE-GPL.txt"), []byte("GNU GENERAL PUBLIC LICENSE"), 0o600); err != nil {
		t.Fatal(err)
	}
	if kinds, err := licencesIn("example.org/x", dir); err == nil || !strings.Contains(err.Error(), "LICENSE-GPL.txt") {
		t.Errorf("licences %v, error %v, want the file named", kinds, err)
	}
}

func TestUndocumented(t *testing.T) {
	m := []module{{Path: "example.org/x", Version: "v1.2.0"}}
	if have := undocumented(m, "# All\n### example.org/x v1.2.0\nIt saves…"); len(have) != 0 {
		t.Errorf("said %q, want nothing", have)
	}
	for _, doc := range []string{"", "\n### example.org/x v1.1.0\n", "\n### example.org/x/y v1.2.0\n"} {
		if have := undocumented(m, doc); len(have) != 1 {
			t.Errorf("of %q said %q, want one complaint", doc, have)
		}
	}
}
