package advisory

import "tocsin/internal/fault"

// Refuse returns nil where none of the findings is an error, else one Invalid
// fault that says what could not be made and names every error by its pointer.
func Refuse(what string, findings []Finding) error {
	f := fault.New(fault.Invalid, "%s cannot be made of this advisory yet", what)
	for _, x := range findings {
		if x.Level == Error {
			f.Fields = append(f.Fields, fault.Field{Name: x.Pointer, Says: x.Message})
		}
	}
	switch len(f.Fields) {
	case 0:
		return nil
	case 1:
		f.Says += ": " + f.Fields[0].Says
	}
	return f
}
