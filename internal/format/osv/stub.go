package osv

import "tocsin/internal/advisory"

func (Format) Render(advisory.Document) ([]advisory.File, error) { return nil, nil }
func (Format) Check([]byte) ([]advisory.Finding, error)          { return nil, nil }
