package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// cleanFiles hold files of a kind to what a program that reads them expects: that
// text in them stays text.
var cleanFiles = map[string]func(body string) error{
	".csv":                 cleanTable,
	".xlsx":                cleanWorkbook,
	".json":                cleanJSON,
	".md":                  cleanText,
	"application/json":     cleanJSON,
	"application/atom+xml": cleanTree,
	"image/svg+xml":        cleanTree,
	"application/xml":      cleanTree,
	"text/plain":           cleanText,
}

var number = regexp.MustCompile(`^[-+]?[0-9][0-9., %]*$`)

// cleanTable holds that a sheet would work nothing out of a table.
func cleanTable(body string) error {
	if err := cleanText(body); err != nil {
		return err
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\uFEFF")))
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	for _, row := range all {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") && !number.MatchString(cell) {
				err = errors.Join(err, fmt.Errorf("a sheet takes the cell %.60q for a formula", cell))
			}
		}
	}
	return err
}

// cleanWorkbook holds that no cell of a workbook is worked out, and all of it can be read.
func cleanWorkbook(body string) error {
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		return err
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(in)
		in.Close()
		if err == nil {
			err = cleanTree(string(b))
		}
		if bytes.Contains(b, []byte("<f>")) || bytes.Contains(b, []byte("<f ")) {
			err = errors.Join(err, errors.New("it holds a formula"))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

func cleanJSON(body string) error {
	if !json.Valid([]byte(body)) || !utf8.ValidString(body) {
		return fmt.Errorf("it is no JSON: %.100q", body)
	}
	return nil
}

func cleanText(body string) error {
	if !utf8.ValidString(body) || strings.ContainsAny(body, "\x00\x07\x1b\x7f") {
		return errors.New("it holds control characters, or is no UTF-8")
	}
	return nil
}

// cleanTree holds that XML is well-formed, runs nothing and leads to no script.
func cleanTree(body string) error {
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local == "script" || start.Name.Local == "foreignObject" || strings.Contains(start.Name.Local, "zqx") {
			return fmt.Errorf("it has an element <%s>", start.Name.Local)
		}
		for _, x := range start.Attr {
			if strings.HasPrefix(x.Name.Local, "on") || (x.Name.Local == "href" || x.Name.Local == "src") && script.MatchString(x.Value) {
				return fmt.Errorf("<%s> has %s=%.60q", start.Name.Local, x.Name.Local, x.Value)
			}
		}
	}
}
