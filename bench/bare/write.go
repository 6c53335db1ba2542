package bare

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// opening is what a case is opened with.
type opening struct {
	Title     string `json:"title"`
	Summary   string `json:"summary"`
	Product   string `json:"product"`
	Component string `json:"component"`
	CWE       string `json:"cwe"`
	Severity  string `json:"severity"`

	who, id, salt string
	doc           int64
	now           time.Time
}

// job is an opening that waits for its commit.
type job struct {
	*opening
	done chan error
}

// runner is a transaction or a connection.
type runner interface {
	exec(i int, args ...any) error
}

// save writes the case, its audit entry and its search row.
func (o *opening) save(r runner) error {
	events, err := json.Marshal([]map[string]any{{"At": o.now, "Name": "opened"}, {"At": o.now, "Name": "enter:triage"}})
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"summary": o.Summary, "claimed": o.Severity, "detected": o.now})
	if err != nil {
		return err
	}
	detail, err := json.Marshal([]map[string]string{{"field": "opened", "new": o.Title}})
	if err != nil {
		return err
	}
	at := o.now.UnixMicro()
	if err := r.exec(0, o.id, at, o.doc, o.Title, o.CWE, o.Product, o.Component, string(events), string(body)); err != nil {
		return err
	}
	if err := r.exec(1, "audit-"+o.salt, at, o.who, o.id, string(detail), o.salt); err != nil {
		return err
	}
	return r.exec(2, o.doc, o.Title, o.id+" "+o.CWE+" "+o.Product+" "+o.Component+"\n"+o.Summary)
}

// onTx runs in a transaction of its own.
type onTx struct {
	s  *Server
	tx *sql.Tx
}

func (t onTx) exec(i int, args ...any) error {
	_, err := t.tx.Exec(t.s.inserts[i], args...)
	return err
}

// alone commits the write by itself.
func (s *Server) alone(ctx context.Context, o *opening) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := o.save(onTx{s, tx}); err != nil {
		return err
	}
	return tx.Commit()
}

// together lets the write share a commit with those that wait.
func (s *Server) together(_ context.Context, o *opening) error {
	j := &job{o, make(chan error, 1)}
	s.queue <- j
	return <-j.done
}

const maxBatch = 128

// onConn runs prepared statements on the one writing connection.
type onConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func (c onConn) do(q string, args ...any) error {
	_, err := c.stmts[q].Exec(args...)
	return err
}

// commits is the one writer of SQLite.
func (s *Server) commits() {
	defer close(s.done)
	var c onConn
	for j := range s.queue {
		if c.stmts == nil { // at the first: who writes alone needs the connection
			c = s.hold()
		}
		batch := []*job{j}
	more:
		for len(batch) < maxBatch {
			select {
			case j, ok := <-s.queue:
				if !ok {
					break more
				}
				batch = append(batch, j)
			default:
				break more
			}
		}
		s.commit(c, batch)
	}
	if c.conn != nil {
		c.conn.Close()
	}
}

func (s *Server) hold() onConn {
	conn, err := s.write.Conn(context.Background())
	if err != nil {
		panic(err)
	}
	c := onConn{conn, map[string]*sql.Stmt{}}
	for _, q := range append([]string{begin, savepoint, release, rollbackTo, commit}, s.inserts[:]...) {
		if c.stmts[q], err = conn.PrepareContext(context.Background(), q); err != nil {
			panic(err)
		}
	}
	return c
}

type onBatch struct {
	s *Server
	c onConn
}

func (b onBatch) exec(i int, args ...any) error { return b.c.do(b.s.inserts[i], args...) }

func (s *Server) commit(c onConn, batch []*job) {
	errs := make([]error, len(batch))
	err := c.do(begin)
	for i, j := range batch {
		if err != nil {
			break
		}
		err = c.do(savepoint)
		if errs[i] = j.save(onBatch{s, c}); errs[i] != nil {
			err = c.do(rollbackTo)
		}
		if err == nil {
			err = c.do(release)
		}
	}
	if err == nil {
		err = c.do(commit)
	}
	for i, j := range batch {
		if err != nil {
			errs[i] = err
		}
		j.done <- errs[i]
	}
}
