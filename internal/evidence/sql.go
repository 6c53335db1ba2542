package evidence

import (
	"strconv"
	"strings"

	"tocsin/internal/gate"
	"tocsin/internal/passage"
	"tocsin/internal/ref"
	"tocsin/internal/thread"
)

// storePiece says first that the content is taken in now: whoever cleans up then
// waits for this act, or this act for them.
func storePiece(tx *gate.Tx, sum string, n int, body []byte) error {
	if _, err := tx.Maybe("", nil, `insert into {stored} (sha256, at) values ($1, $2) on conflict (sha256) do update set at = excluded.at`, sum, gate.Micros(tx.Now)); err != nil {
		return err
	}
	_, err := tx.Maybe("", nil, `insert into {blobs} (sha256, piece, body) values ($1, $2, $3) on conflict (sha256, piece) do nothing`, sum, n, body)
	return err
}

// Keep stores a content inside an act, for imports.
func Keep(tx *gate.Tx, sum string, body []byte) error {
	for n := 0; n == 0 || len(body) > 0; n++ {
		part := body[:min(piece, len(body))]
		body = body[len(part):]
		if err := storePiece(tx, sum, n, part); err != nil {
			return err
		}
	}
	return nil
}

func pieces(v *gate.View, sum string) ([][]byte, error) {
	return gate.All(v, gate.Value[[]byte], `select b.body from {blobs} b where b.sha256 = $1 order by b.piece`, sum)
}

// forget removes up to n contents that were last taken in before a moment and that
// no file and no import has come to use.
func forget(tx *gate.Tx, before int64, n int) (int, error) {
	sums, err := gate.All(&tx.View, gate.Value[string], `select s.sha256 from {stored} s where s.at < $1
		and not exists (select 1 from {files} f where f.sha256 = s.sha256) and not exists (select 1 from {origins} o where o.sha256 = s.sha256)
		order by s.at limit `+strconv.Itoa(n)+` for update`, before)
	if err != nil {
		return 0, err
	}
	for _, sum := range sums {
		if _, err := tx.Maybe("", nil, `delete from {stored} where sha256 = $1`, sum); err != nil {
			return 0, err
		}
		if _, err := tx.Maybe("", nil, `delete from {blobs} where sha256 = $1`, sum); err != nil {
			return 0, err
		}
	}
	return len(sums), nil
}

func count(v *gate.View, subject ref.ID) (int, error) {
	return gate.One(v, gate.Value[int], `select count(*) from {files} f where f.subject = $1`, string(subject))
}

func insert(tx *gate.Tx, f File, guard ref.ID, audience string) error {
	if err := tx.Exec(f.Subject, gate.Change{Field: "attached", New: map[string]any{"file": f.ID, "sha256": f.SHA256, "size": f.Size, "side": f.Side}},
		`insert into {files} (id, guard, audience, subject, at, author, name, media, size, sha256, side)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, string(f.ID), string(guard), audience, string(f.Subject), gate.Micros(f.At),
		string(f.Author), f.Name, f.Media, f.Size, f.SHA256, string(f.Side)); err != nil {
		return err
	}
	return passage.Add(tx, f.passage(guard, audience))
}

// Passages are the names of files, for the search.
var Passages = passage.Guarded("files", scan, File.passage, `select `+columns+`, f.guard, f.audience from {files} f where f.id > $1 order by f.id limit $2`)

const columns = `f.id, f.subject, f.at, f.author, f.name, f.media, f.size, f.sha256, f.side`

func scan(row func(...any) error) (f File, err error) {
	var at int64
	err = row(&f.ID, &f.Subject, &at, &f.Author, &f.Name, &f.Media, &f.Size, &f.SHA256, &f.Side)
	f.At = gate.Time(at)
	return f, err
}

func get(v *gate.View, id ref.ID) (File, error) {
	return gate.One(v, scan, `select `+columns+` from {files} f where f.id = $1`, string(id))
}

func list(v *gate.View, outward bool, subjects []ref.ID) ([]File, error) {
	args, marks := []any{}, make([]string, len(subjects))
	for i, s := range subjects {
		args, marks[i] = append(args, string(s)), "$"+strconv.Itoa(i+1)
	}
	where := `f.subject in (` + strings.Join(marks, ", ") + `)`
	if outward {
		where += ` and f.side <> '` + string(thread.Note) + `'`
	}
	return gate.All(v, scan, `select `+columns+` from {files} f where `+where+` order by f.at, f.id limit 500`, args...)
}
