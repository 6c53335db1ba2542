package audit

import (
	"strconv"
	"strings"
)

const (
	insertLog = `insert into audit_log (one, origin, public, size) values (1, $1, $2, 0) on conflict do nothing`
	selectLog = `select origin, public, size from audit_log where one = 1`

	// growLog is also the lock that keeps two sealers apart: who finds another
	// size than it has read was too late.
	growLog = `update audit_log set size = $2 where one = 1 and size = $1`

	entryColumns = `a.id, a.at, a.actor, a.verb, a.subject, a.outcome, a.profile, a.reason, a.detail, a.salt`

	selectWaiting = `select ` + entryColumns + ` from audit_new n join audit a on a.id = n.id order by n.at, n.id limit $1`
	countWaiting  = `select count(*), coalesce(min(n.at), 0) from audit_new n left join audit_seal s on s.at = n.at and s.entry = n.id where s.seq is null`
	findSealed    = `select s.seq from audit_seal s where s.at = $1 and s.entry = $2`
	lostWaiting   = `select n.id from audit_new n left join audit a on a.id = n.id where a.id is null order by n.at, n.id limit 1`

	// deleteWaiting takes away what is sealed and nothing else: an entry that
	// committed meanwhile with an earlier moment stays and is sealed next.
	deleteWaiting = `delete from audit_new where (at, id) <= ($1, $2)
		and exists (select 1 from audit_seal s where s.at = audit_new.at and s.entry = audit_new.id)`

	selectTile  = `select t.hashes from audit_tile t where t.level = $1 and t.n = $2`
	selectTiles = `select t.n, t.hashes from audit_tile t where t.level = $1 and t.n >= $2 and t.n < $3 order by t.n`
	upsertTile  = `insert into audit_tile (level, n, hashes) values ($1, $2, $3) on conflict (level, n) do update set hashes = excluded.hashes`

	deleteCheckpoints = `delete from audit_checkpoint where at >= $1`
	insertCheckpoint  = `insert into audit_checkpoint (size, at, note) values ($1, $2, $3)`
	newestCheckpoint  = `select c.note from audit_checkpoint c order by c.size desc limit 1`
	allCheckpoints    = `select c.size, c.note from audit_checkpoint c order by c.size`

	selectSealed = `select s.seq, s.at, s.entry, coalesce(a.at, 0), coalesce(a.actor, ''), coalesce(a.verb, ''), coalesce(a.subject, ''), coalesce(a.outcome, ''),
		coalesce(a.profile, ''), coalesce(a.reason, ''), coalesce(a.detail, ''), coalesce(a.salt, ''), a.id is null
		from audit_seal s left join audit a on a.id = s.entry where s.seq >= $1 and s.seq < $2 order by s.seq`
	countSealed   = `select count(*), coalesce(max(s.seq), -1) from audit_seal s`
	countEntries  = `select count(*) from audit a`
	outsideTheLog = `select ` + entryColumns + ` from audit a left join audit_seal s on s.at = a.at and s.entry = a.id left join audit_new n on n.id = a.id and n.at = a.at
		where s.seq is null and n.id is null order by a.at, a.id limit $1`
	everyEntry  = `select ` + entryColumns + ` from audit a`
	erasedFor   = `select a.subject from audit a where a.verb = $1 and a.outcome = 'done'`
	selectEntry = `select coalesce(s.seq, -1), ` + entryColumns + ` from audit a left join audit_seal s on s.at = a.at and s.entry = a.id where a.id = $1`
)

// insertSeals is the text that inserts n seals at once.
func insertSeals(n int) string {
	var b strings.Builder
	b.WriteString(`insert into audit_seal (seq, at, entry) values `)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("($" + strconv.Itoa(3*i+1) + ", $" + strconv.Itoa(3*i+2) + ", $" + strconv.Itoa(3*i+3) + ")")
	}
	return b.String()
}
