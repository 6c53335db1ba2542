package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"strconv"

	"tocsin/internal/exchange"
	"tocsin/internal/house"
)

// exchangeRoutes are the rows about the register as files.
var exchangeRoutes = []Route{
	{"register.export", "GET", "/risk-export", exchange.VerbExport, "The register as a file: csv, xlsx, json, ir8286, ir8286-detail, oscal or markdown; always a download", exported()},
	{"register.export.report", "GET", "/risk-export-report", exchange.VerbExport, "What an export holds, and which risks a strict format cannot hold, with the reasons", read(exportReport)},
	{"register.import", "POST", "/risk-import", exchange.VerbImport, "Bring risks in from a file, all of them or none; the report tells each row", imported()},
	{"register.mappings", "GET", "/risk-mappings", exchange.VerbImport, "How the columns of other programs are read", read(listMappings)},
	{"register.mapping", "PUT", "/risk-mappings/{name}", exchange.VerbImport, "Save how the columns of another program are read", change(saveMapping)},
}

// ExportQuery is what is to be exported.
type ExportQuery struct {
	RiskFilter
	Format string `query:"format" enum:"csv,xlsx,json,ir8286,ir8286-detail,oscal,markdown" doc:"The form of the file; json where it is not given."`
	Plain  bool   `query:"plain" doc:"Of json: without ids and what this house alone gives."`
}

func (in ExportQuery) asking(h *house.House) (exchange.Asking, error) {
	f, err := in.filter(h)
	a := exchange.Asking{Format: in.Format, Filter: f, Plain: in.Plain}
	if a.Format == "" {
		a.Format = "json"
	}
	return a, err
}

// exported is the endpoint that answers with the register as a file. It is whole
// before a byte of it goes out, so that what fails is told as a problem.
func exported() endpoint {
	p := planOf(reflect.TypeFor[ExportQuery]())
	return endpoint{in: reflect.TypeFor[ExportQuery](), plan: p, status: http.StatusOK, download: true, run: func(c *call) error {
		in, err := input[ExportQuery](c, p)
		if err != nil {
			return err
		}
		ask, err := in.asking(c.house)
		if err != nil {
			return err
		}
		f, err := exchange.FormatOf(ask.Format)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if _, err := c.house.Exchange.Export(c.ctx, ask, &b); err != nil {
			return err
		}
		h := c.w.Header()
		h.Set("Content-Type", "application/octet-stream") // a browser saves it and runs nothing of it
		h.Set("Content-Disposition", `attachment; filename="risks-`+f.Name+f.Ext+`"`)
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		h.Set("Content-Length", strconv.Itoa(b.Len()))
		c.w.WriteHeader(http.StatusOK)
		_, _ = c.w.Write(b.Bytes()) // the reader has gone away: nobody is left to tell
		return nil
	}}
}

func exportReport(ctx context.Context, h *house.House, in ExportQuery) (*exchange.Exported, error) {
	ask, err := in.asking(h)
	if err != nil {
		return nil, err
	}
	return h.Exchange.Export(ctx, ask, io.Discard)
}

// ImportQuery is how a file is brought in.
type ImportQuery struct {
	Format  string `query:"format" enum:"csv,xlsx,json" doc:"The form of the file; csv where it is not given."`
	Mapping string `query:"mapping" doc:"Name of the mapping by which the columns of another program are read."`
	DryRun  bool   `query:"dry_run" doc:"Change nothing, and report exactly what would be changed."`
	Name    string `query:"name" doc:"The file's name, kept with the reason."`
}

// imported is the endpoint that takes a file of risks. Whether the actor may is
// asked before the file is read.
func imported() endpoint {
	p := planOf(reflect.TypeFor[ImportQuery]())
	return endpoint{in: reflect.TypeFor[ImportQuery](), out: reflect.TypeFor[*exchange.Report](), plan: p, status: http.StatusOK, upload: true, run: func(c *call) error {
		var in ImportQuery
		if err := p.address(c.q, reflect.ValueOf(&in).Elem()); err != nil {
			return err
		}
		if in.Format == "" {
			in.Format = "csv"
		}
		if err := c.house.Exchange.MayImport(c.ctx); err != nil {
			return err
		}
		file, err := c.file()
		if err != nil {
			return err
		}
		sum := sha256.Sum256(file)
		return c.once(c.ctx, [2]any{in, hex.EncodeToString(sum[:])}, func(ctx context.Context) (reply, error) {
			r, err := c.house.Exchange.Import(ctx, in.Format, bytes.NewReader(file), exchange.Options{DryRun: in.DryRun, Mapping: in.Mapping, File: in.Name})
			if err != nil {
				return reply{}, err
			}
			return made(http.StatusOK, r)
		})
	}}
}

// file reads the file that the request carries, as the body or in a form.
func (c *call) file() ([]byte, error) {
	media, params, err := mime.ParseMediaType(c.q.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" {
		return readBody(c.w, c.q, exchange.MaxFile)
	}
	if err := plainBody(c.q); err != nil {
		return nil, err
	}
	_, part, err := filePart(multipart.NewReader(http.MaxBytesReader(c.w, c.q.Body, exchange.MaxFile+(1<<20)), params["boundary"]))
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(part)
	if err != nil {
		return nil, arrived(err)
	}
	return b, nil
}

func listMappings(ctx context.Context, h *house.House, _ struct{}) (*Page[exchange.Mapping], error) {
	ms, err := h.Exchange.Mappings(ctx)
	return listOf(ms, same[exchange.Mapping]), err
}

func saveMapping(ctx context.Context, h *house.House, in struct {
	Name string `path:"name" doc:"Its name, as an import asks for it."`
	Body exchange.Mapping
}) error {
	m := in.Body
	m.Name = in.Name
	return h.Exchange.SaveMapping(ctx, m)
}
