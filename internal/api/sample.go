package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"tocsin/internal/ref"
)

// sampleOf makes an example of a type for the reference: every member filled with
// what could stand there.
func sampleOf(t reflect.Type) json.RawMessage {
	v := reflect.New(t).Elem()
	fillSample(v, "", 0)
	b, err := json.Marshal(v.Interface())
	if err != nil {
		panic(fmt.Sprintf("api: no example of %s: %v", t, err)) // met when the program starts, so by every test
	}
	return b
}

// samples are texts by the member that they stand in.
var samples = map[string]string{
	"id": "CASE-7QK3D9XB", "title": "Export can be read by members of sibling groups", "stage": "triage", "severity": "high", "cwe": "CWE-863", "cve": "CVE-1900-0001",
	"product": "gateway", "component": "export", "source": "portal", "audience": "staff", "summary": "A member of a sibling group reads the export.", "tlp": "AMBER",
	"due_what": "triage", "name": "Ada Fictitious", "text": "Reproduced on 18.7.1.", "side": "note", "media": "text/plain", "sha256": strings.Repeat("0", 64), "verb": "case.assess",
	"from": "triage", "to": "assessment", "move": "case.assess", "phase": "running", "kind": "slo", "calendar": "calendar", "target": "5bd", "span": "7d", "link": "#score", "need": "votes",
	"detail": "one more vote of somebody who did not score", "vector": "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N", "version": "3.1", "state": "ready", "outcome": "done",
	"profile": "generic-0123456789ab", "fixed": "18.7.2", "introduced": "17.2", "line": "18.7", "lines": "18.7", "versions": "18.7.2", "labels": "blocked", "role": "analyst", "roles": "analyst", "scopes": "case.*",
	"email": "ada@example.org", "contact": "owl@example.org", "handle": "ada", "url": "https://lantern.example.org", "namespace": "https://lantern.example.org", "category": "vendor", "format": "csaf-2.0",
	"pointer": "/document/title", "rule": "6.1.1", "level": "warning", "status": "known_affected", "secret": "0123456789ABCDEFGHJKMNPQRSTVWXYZ", "recipient": "ada@example.org", "field": "title", "message": "what the rule says",
}

var sampleIDs = map[string]ref.ID{"case": "CASE-7QK3D9XB", "report": "REPORT-4XM2TA9Q", "advisory": "ADV-9XB7QK3D", "subject": "CASE-7QK3D9XB", "duplicate_of": "CASE-7QK3D9XB", "id": "CASE-7QK3D9XB"}

func fillSample(v reflect.Value, name string, depth int) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 3, 9, 14, 30, 0, 0, time.UTC)))
		return
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte("{}"))
		return
	case v.Type() == reflect.TypeFor[ref.ID]():
		id := sampleIDs[name]
		if id == "" {
			id = "person-4XM2TA9Q0PZR7C1W"
		}
		v.SetString(string(id))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillSample(v.Elem(), name, depth)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && depth < 12 {
				member, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				fillSample(v.Field(i), member, depth+1)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillSample(v.Index(0), name, depth)
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fillSample(value, "", depth)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("case.edit").Convert(v.Type().Key()), value)
	case reflect.String:
		text := samples[name]
		if text == "" {
			text = "text"
		}
		v.SetString(text)
	case reflect.Interface:
		if v.NumMethod() == 0 {
			v.Set(reflect.ValueOf("text"))
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(6.5)
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	}
}
