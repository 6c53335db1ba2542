// Package fault is the one vocabulary of failure. A Kind says what the caller
// can do about it; each surface (web, api, cli) maps Kinds to its own signals in
// one table. An error that carries no Kind is Internal, and its text is for
// the log only.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind classifies a failure. It is itself an error, so that
// errors.Is(err, fault.NotFound) reads as it sounds.
type Kind string

// The kinds of failure, by what the caller can do about them.
const (
	Invalid     Kind = "invalid"     // the input breaks a rule; Says names it, Mend tells how to put it right
	Unknown     Kind = "unknown"     // nobody is signed in, or the credential is not good
	NotFound    Kind = "not_found"   // it does not exist, or you may not know that it does
	Forbidden   Kind = "forbidden"   // you may see it, but not do this
	Conflict    Kind = "conflict"    // it changed meanwhile, or is not in a state that allows this
	Missing     Kind = "missing"     // a move still needs something; Needs lists all of it
	TooLarge    Kind = "too_large"   // more than the stated limit
	TooMany     Kind = "too_many"    // more often than the stated limit; After says when to come back
	Full        Kind = "full"        // the disk is full; writes heal when space returns
	Unavailable Kind = "unavailable" // the store does not answer; After says when to come back
	Internal    Kind = "internal"
)

func (k Kind) Error() string { return string(k) }

// Field is one thing wrong with one named part of the input.
type Field struct {
	Name string `json:"field"`  // as the form or body spells it; "versions.0.fixed" for nested ones
	Says string `json:"detail"` // one sentence: what is wrong and how to mend it
}

// Need is one thing that a refused move still lacks.
type Need struct {
	Word string `json:"need"`   // the word of the life cycle, for example "cwe"
	Says string `json:"detail"` // one sentence: what is missing
	Link string `json:"link"`   // where it is filled in, relative to the record's page: "#assessment"
}

// Fault is a failure that a person may read.
type Fault struct {
	Kind   Kind
	Says   string        // one sentence, safe to show
	Fields []Field       // what is wrong where, when the input has fields
	Needs  []Need        // all that is missing, for Missing
	After  time.Duration // when to try again, for TooMany and Unavailable
	Err    error         // the cause, for the log
}

func (f *Fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.Kind, f.Says)
	for _, x := range f.Fields {
		fmt.Fprintf(&b, "; %s: %s", x.Name, x.Says)
	}
	for _, n := range f.Needs {
		fmt.Fprintf(&b, "; needs %s: %s", n.Word, n.Says)
	}
	if f.Err != nil {
		fmt.Fprintf(&b, ": %v", f.Err)
	}
	return b.String()
}

// Unwrap lets errors.Is find both the Kind and the cause.
func (f *Fault) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Kind}
	}
	return []error{f.Kind, f.Err}
}

// New returns a Fault that says the formatted sentence.
func New(k Kind, format string, args ...any) *Fault {
	return &Fault{Kind: k, Says: fmt.Sprintf(format, args...)}
}

// At returns an Invalid fault about one field.
func At(field, format string, args ...any) *Fault {
	says := fmt.Sprintf(format, args...)
	return &Fault{Kind: Invalid, Says: says, Fields: []Field{{field, says}}}
}

// Fields collects what is wrong with the parts of one input, so that a form is
// answered once with everything. Its zero value is ready to use.
type Fields []Field

// Add notes that the named field is wrong.
func (fs *Fields) Add(field, format string, args ...any) {
	*fs = append(*fs, Field{field, fmt.Sprintf(format, args...)})
}

// Want notes that the named field is empty, unless it is known to be wrong already:
// what was written and refused is not missing.
func (fs *Fields) Want(field, value, format string, args ...any) {
	known := slices.ContainsFunc(*fs, func(f Field) bool { return f.Name == field })
	if value == "" && !known {
		fs.Add(field, format, args...)
	}
}

// Err returns nil when nothing was noted, else one Invalid fault with all of it.
func (fs Fields) Err() error {
	switch len(fs) {
	case 0:
		return nil
	case 1:
		return &Fault{Kind: Invalid, Says: fs[0].Says, Fields: fs}
	}
	return &Fault{Kind: Invalid, Says: fmt.Sprintf("%d fields need another look", len(fs)), Fields: fs}
}

// KindOf returns the Kind that err carries, or Internal.
func KindOf(err error) Kind {
	var k Kind
	if errors.As(err, &k) {
		return k
	}
	return Internal
}

// Of returns the Fault in err. An error without one becomes an Internal fault
// whose sentence tells nothing of the cause.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{Kind: KindOf(err), Says: "something went wrong here; the log has the details", Err: err}
}
