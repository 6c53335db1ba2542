package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"tocsin/internal/fault"
)

// The result codes of SQLite that mean something to a caller (sqlite.org/rescode.html).
const (
	sqliteBusy     = 5
	sqliteIOErr    = 10
	sqliteFull     = 13
	sqliteReadonly = 8
	sqliteCantOpen = 14
	sqliteShmSize  = sqliteIOErr | 19<<8 // the index of the log cannot grow: no room
	sqliteUnique   = 2067
	sqlitePKey     = 1555
)

// known gives the failures of the engines that a caller can do something about
// their kind; all others stay as they are.
func known(err error) error {
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	var lite *sqlite.Error
	var pg *pgconn.PgError
	var f *fault.Fault
	switch {
	case errors.As(err, &lite):
		f = liteFault(lite)
	case errors.As(err, &pg):
		f = pgFault(pg)
	case lost(err):
		f = unavailable()
	}
	if f == nil {
		return err
	}
	f.Err = err
	return f
}

func liteFault(e *sqlite.Error) *fault.Fault {
	switch code := e.Code(); {
	case code&0xff == sqliteFull, code == sqliteShmSize:
		return full()
	case code&0xff == sqliteIOErr, code&0xff == sqliteCantOpen:
		return &fault.Fault{Kind: fault.Unavailable, Says: "the store's disk refuses to be read or written, so nothing was changed; whoever runs this house finds the reason in the log", After: 10 * time.Second}
	case code&0xff == sqliteReadonly:
		return &fault.Fault{Kind: fault.Unavailable, Says: "the store cannot be written, so nothing was changed; check that the program may write its file and its folder, and that their disk is not read-only", After: 10 * time.Second}
	case code&0xff == sqliteBusy:
		return &fault.Fault{Kind: fault.Unavailable, Says: "the store is busy; try again in a moment", After: time.Second}
	case code == sqliteUnique, code == sqlitePKey:
		return fault.New(fault.Conflict, "a record with this name or number exists already")
	}
	return nil
}

// pgFault reads the classes of PostgreSQL's error codes (appendix A of its manual).
func pgFault(e *pgconn.PgError) *fault.Fault {
	switch {
	case e.Code == "53100":
		return full()
	case e.Code == "23505":
		return fault.New(fault.Conflict, "a record with this name or number exists already")
	case e.Code == queryCanceled:
		return &fault.Fault{Kind: fault.Unavailable, Says: "the store took too long over this and gave it up; try again in a moment", After: time.Second}
	case e.Code == "40001" || e.Code == "40P01":
		return &fault.Fault{Kind: fault.Unavailable, Says: "two changes met; try again", After: time.Second}
	case e.Code == "55000" && strings.Contains(e.Message, "accepting connections"), strings.HasPrefix(e.Code, "57P"), strings.HasPrefix(e.Code, "08"), strings.HasPrefix(e.Code, "53"):
		return unavailable()
	}
	return nil
}

// queryCanceled is PostgreSQL's code for a statement that it has given up: by its
// statement_timeout, or because somebody asked it to.
const queryCanceled = "57014"

// GaveUp reports whether err is that the engine gave a statement up for the time
// that it took.
func GaveUp(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == queryCanceled
}

func full() *fault.Fault {
	return fault.New(fault.Full, "the disk is full, so nothing was written; make room and try again, reading still works")
}

func unavailable() *fault.Fault {
	return &fault.Fault{Kind: fault.Unavailable, Says: "the database does not answer; try again in a few seconds", After: 2 * time.Second}
}

func lost(err error) bool {
	var op *net.OpError
	var connect *pgconn.ConnectError
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.As(err, &op) || errors.As(err, &connect) || pgconn.SafeToRetry(err) || (pgconn.Timeout(err) && !errors.Is(err, context.Canceled))
}
