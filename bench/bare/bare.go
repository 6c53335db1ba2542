// Package bare is the program that Tocsin is measured against: the least that
// somebody would write by hand to answer the same four requests over the same
// tables. It has net/http, database/sql with prepared statements, encoding/json,
// a look-up of the token, one row filter, and writes that wait for each other
// share a commit. It has no roles, no verbs, no life cycle, no clocks, no
// validation, no limits, no log. Only the benchmarks use it.
package bare

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// Server answers.
type Server struct {
	postgres bool
	read     *sql.DB
	write    *sql.DB
	tokens   map[string]string // hash -> principal
	list     *sql.Stmt
	search   *sql.Stmt
	one      *sql.Stmt
	parts    [7]*sql.Stmt // of the whole case
	inserts  [3]string
	queue    chan *job
	done     chan struct{} // closed after the last write
	pages    *pages        // nil before Paint

	Alone bool // each write commits by itself
}

// Open opens a store that is migrated and filled.
func Open(store string) (*Server, error) {
	s := &Server{tokens: map[string]string{}, queue: make(chan *job, 512), done: make(chan struct{}), postgres: strings.HasPrefix(store, "postgres")}
	if err := s.connect(store); err != nil {
		return nil, err
	}
	rows, err := s.read.Query(selectTokens)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var hash, id string
		if err := rows.Scan(&hash, &id); err != nil {
			return nil, err
		}
		s.tokens[hash] = id
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	go s.commits()
	return s, rows.Err()
}

func (s *Server) connect(store string) (err error) {
	driver, dsn := "pgx", store
	if !s.postgres {
		driver, dsn = "sqlite", "file:"+store+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=cache_size(-16000)"
	}
	if s.read, err = sql.Open(driver, dsn); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(8)
	s.read.SetMaxIdleConns(8)
	s.write = s.read
	if !s.postgres {
		if s.write, err = sql.Open(driver, dsn+"&_txlock=immediate"); err != nil {
			return err
		}
		s.write.SetMaxOpenConns(1)
	}
	return nil
}

func (s *Server) prepare() (err error) {
	searching := searchLite
	s.inserts = [3]string{insertCase, insertAudit, insertWordsLite}
	if s.postgres {
		searching, s.inserts[2] = searchPostgres, insertWordsPostgres
	}
	for _, p := range []struct {
		to   **sql.Stmt
		text string
	}{{&s.list, selectList}, {&s.search, searching}, {&s.one, selectOne},
		{&s.parts[0], selectReports}, {&s.parts[1], selectAdvisories}, {&s.parts[2], selectLinks}, {&s.parts[3], selectNamed}, {&s.parts[4], selectLines},
		{&s.parts[5], selectMessages}, {&s.parts[6], selectFiles}} {
		if *p.to, err = s.read.Prepare(p.text); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the server when nobody asks any more.
func (s *Server) Close() {
	close(s.queue)
	<-s.done
	s.read.Close()
	s.write.Close()
}

// Handler routes the four requests and the page; "whole" reads what hangs on a case too.
func (s *Server) Handler() http.Handler {
	m, save := http.NewServeMux(), s.together
	if s.Alone || s.postgres {
		save = s.alone
	}
	m.HandleFunc("GET /cases", s.with(s.getList))
	if s.pages != nil {
		m.HandleFunc("GET /page", s.getPage)
	}
	m.HandleFunc("GET /cases/{id}", s.with(s.getOne))
	m.HandleFunc("GET /whole/{id}", s.with(s.getWhole))
	m.HandleFunc("POST /cases", s.with(s.post(save)))
	return m
}

// with looks the token up and answers with JSON.
func (s *Server) with(do func(w http.ResponseWriter, q *http.Request, who string) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		token, _ := strings.CutPrefix(q.Header.Get("Authorization"), "Bearer ")
		sum := sha256.Sum256([]byte("tocsin token\n" + token))
		who, ok := s.tokens[hex.EncodeToString(sum[:])]
		if !ok {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		v, err := do(w, q, who)
		switch {
		case err == sql.ErrNoRows:
			http.Error(w, "no such case", http.StatusNotFound)
			return
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if q.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
		}
		_ = json.NewEncoder(w).Encode(v) // the reader has gone away
	}
}

// Case is a row of the list.
type Case struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Stage     string    `json:"stage"`
	Closed    bool      `json:"closed"`
	Severity  string    `json:"severity"`
	Score     float64   `json:"score"`
	CWE       string    `json:"cwe"`
	CVE       string    `json:"cve"`
	Product   string    `json:"product"`
	Component string    `json:"component"`
	Owner     string    `json:"owner"`
	Source    string    `json:"source"`
	Audience  string    `json:"audience"`
	Opened    time.Time `json:"opened"`
	Due       time.Time `json:"due"`
	DueWhat   string    `json:"due_what"`
	Breached  bool      `json:"breached"`
	Labels    []string  `json:"labels"`
	Version   int       `json:"version"`
	doc       int64
}

// page is a list.
type page struct {
	Items []Case `json:"items"`
	Next  int64  `json:"next"`
}

// Whole is one case.
type Whole struct {
	Case
	Events   json.RawMessage `json:"events"`
	Body     json.RawMessage `json:"body"`
	Reports  []Part          `json:"reports,omitempty"`
	Advisory []Part          `json:"advisories,omitempty"`
	Links    []Part          `json:"links,omitempty"`
	Named    []Part          `json:"named,omitempty"`
	Lines    []Part          `json:"lines,omitempty"`
	Messages []Part          `json:"messages,omitempty"`
	Files    []Part          `json:"files,omitempty"`
}

// Part is something that hangs on a case.
type Part struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

func (c *Case) scan(scan func(...any) error, more ...any) error {
	var at, due, tenths int64
	var labels string
	err := scan(append([]any{&c.ID, &c.Audience, &at, &c.doc, &c.Version, &c.Stage, &c.Closed, &c.Title, &c.Severity, &tenths, &c.CWE, &c.Product,
		&c.Component, &c.Owner, &c.Source, &c.CVE, &labels, &due, &c.DueWhat, &c.Breached}, more...)...)
	c.Opened, c.Due, c.Labels, c.Score = time.UnixMicro(at).UTC(), time.UnixMicro(due).UTC(), strings.Fields(labels), float64(tenths)/10
	return err
}

func (s *Server) getList(_ http.ResponseWriter, q *http.Request, who string) (any, error) {
	var rows *sql.Rows
	var err error
	if words := q.URL.Query().Get("q"); words == "" {
		rows, err = s.list.QueryContext(q.Context(), who)
	} else {
		if s.postgres {
			words = strings.Join(strings.Fields(words), " & ")
		}
		rows, err = s.search.QueryContext(q.Context(), who, words)
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	page := page{Items: make([]Case, 0, 50)}
	for rows.Next() {
		var c Case
		if err := c.scan(rows.Scan); err != nil {
			return nil, err
		}
		if len(page.Items) == 50 {
			page.Next = page.Items[49].doc
			break
		}
		page.Items = append(page.Items, c)
	}
	return page, rows.Err()
}

func (s *Server) getOne(_ http.ResponseWriter, q *http.Request, who string) (any, error) {
	var w Whole
	var events, body string
	if err := w.scan(s.one.QueryRowContext(q.Context(), who, q.PathValue("id")).Scan, &events, &body); err != nil {
		return nil, err
	}
	w.Events, w.Body = json.RawMessage(events), json.RawMessage(body)
	return &w, nil
}

func (s *Server) getWhole(w http.ResponseWriter, q *http.Request, who string) (any, error) {
	v, err := s.getOne(w, q, who)
	if err != nil {
		return nil, err
	}
	c := v.(*Whole)
	for i, to := range []*[]Part{&c.Reports, &c.Advisory, &c.Links, &c.Named, &c.Lines, &c.Messages, &c.Files} {
		of := c.ID
		if to == &c.Lines {
			of = c.Product
		}
		if *to, err = s.part(q.Context(), s.parts[i], who, of); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (s *Server) part(ctx context.Context, st *sql.Stmt, who, id string) (out []Part, err error) {
	rows, err := st.QueryContext(ctx, who, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p Part
		if err := rows.Scan(&p.ID, &p.Text); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

func (s *Server) post(save func(context.Context, *opening) error) func(http.ResponseWriter, *http.Request, string) (any, error) {
	return func(_ http.ResponseWriter, q *http.Request, who string) (any, error) {
		o := &opening{who: who, now: time.Now().UTC()}
		if err := json.NewDecoder(q.Body).Decode(o); err != nil {
			return nil, err
		}
		var b [10]byte
		_, _ = rand.Read(b[:])
		o.id = "CASE-" + base32.StdEncoding.EncodeToString(b[:5])
		o.doc = o.now.UnixMicro()<<10 | int64(b[5])<<2 | int64(b[6])&3
		o.salt = base32.StdEncoding.EncodeToString(b[:])
		if err := save(q.Context(), o); err != nil {
			return nil, err
		}
		return map[string]string{"id": o.id}, nil
	}
}
