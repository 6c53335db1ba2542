package backup

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"tocsin/internal/fault"
)

// raw is text that is not UTF-8, which SQLite may hold: JSON cannot say it.
type raw struct {
	Raw []byte `json:"raw"`
}

// plain turns what the engine's driver gave into what the copy says: the same
// for the same value on each engine.
func (c Column) plain(v any) (any, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case string:
		if c.Kind == "text" {
			return plainText(x), nil
		}
	case []byte:
		switch c.Kind {
		case "text":
			return plainText(string(x)), nil
		case "bytes":
			return base64.StdEncoding.EncodeToString(x), nil
		}
	case int64:
		switch c.Kind {
		case "int":
			return x, nil
		case "bool":
			return x != 0, nil
		}
	case int32:
		if c.Kind == "int" {
			return int64(x), nil
		}
	case bool:
		if c.Kind == "bool" {
			return x, nil
		}
	}
	return nil, fmt.Errorf("column %s of %s holds a %T", c.Name, c.Kind, v)
}

func plainText(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return raw{[]byte(s)}
}

// value reads back what plain gave.
func (c Column) value(b json.RawMessage) (any, error) {
	if string(b) == "null" {
		return nil, nil
	}
	var err error
	switch c.Kind {
	case "text":
		return readText(b)
	case "int":
		var n int64
		err = json.Unmarshal(b, &n)
		return n, err
	case "bool":
		var t bool
		err = json.Unmarshal(b, &t)
		return t, err
	case "bytes":
		var body []byte
		if err = json.Unmarshal(b, &body); body == nil {
			body = []byte{}
		}
		return body, err
	}
	return nil, fault.New(fault.Invalid, "a column is of the unknown kind %q", c.Kind)
}

func readText(b json.RawMessage) (any, error) {
	if len(b) > 0 && b[0] == '{' {
		var r raw
		err := json.Unmarshal(b, &r)
		return string(r.Raw), err
	}
	var s string
	err := json.Unmarshal(b, &s)
	return s, err
}
