package seed

import "tocsin/internal/db"

const (
	deleteMembership = `delete from membership where holder = $1 and principal = $2`
	insertMembership = `insert into membership (holder, principal) values ($1, $2)`
	insertPerson     = `insert into people (id, name, handle, email, state, password, totp, totp_step, invite, invite_until, made_at, seen_at, version)
		values ($1, $2, $3, '', 'active', '', '', 0, '', 0, 0, 0, 1)`
	insertCase = `insert into cases (id, guard, audience, at, doc, version, stage, closed, title, severity, score, cwe, product, component, owner,
		source, cve, labels, due_at, due, breached, look_at, events, body)
		values ($1, $1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $19, $13, '', $14, $15, $16, false, 0, $17, $18)`
	insertAudit = `insert into audit (id, at, actor, verb, subject, outcome, reason, detail, profile, salt)
		values ($1, $2, $3, 'case.open', $4, 'done', '', $5, $6, $7)`
	insertVisibility = `insert into visibility (subject, principal, role, kind, doc) values ($1, $2, '', 'case', $3)`
)

var insertWords = map[db.Engine]string{
	db.SQLite:   `insert into search (rowid, title, body) values ($1, $2, $3)`,
	db.Postgres: `insert into search (doc, words) values ($1, setweight(to_tsvector('simple', $2), 'A') || to_tsvector('simple', $3))`,
}
