package bare

const (
	columns = `c.id, c.audience, c.at, c.doc, c.version, c.stage, c.closed, c.title, c.severity, c.score, c.cwe, c.product,
		c.component, c.owner, c.source, c.cve, c.labels, c.due_at, c.due, c.breached`
	filter = `(c.audience = 'staff' or exists (select 1 from visibility s where s.subject = c.guard and s.principal = $1))`

	selectTokens = `select hash, id from tokens where revoked_at = 0`
	selectList   = `select ` + columns + ` from cases c where ` + filter + ` order by c.doc desc limit 51`
	countList    = `select count(*) from (select 1 from cases c where ` + filter + ` limit 1001) x`
	selectOne    = `select ` + columns + `, c.events, c.body from cases c where ` + filter + ` and c.id = $2`

	selectSession = `select p.id, p.name from sessions s join people p on p.id = s.person where s.hash = $1 and s.until > $2 and p.state = 'active'`
	selectViews   = `select s.name, s.query, s.shared from saved_views s where (s.owner = $1 or s.shared) and s.surface = 'cases' order by s.name, s.id limit 500`
	selectPeople  = `select p.id, p.name, p.handle from people p where p.state = 'active' and p.handle <> '' order by p.name limit 60`

	searchLite = `select ` + columns + ` from search w join cases c on c.doc = w.rowid where ` + filter + ` and w.search match $2
		order by w.rowid desc limit 51`
	searchPostgres = `select ` + columns + ` from search w join cases c on c.doc = w.doc where ` + filter + ` and w.words @@ to_tsquery('simple', $2)
		order by c.doc desc limit 51`

	part             = ` c where ` + filter + ` and `
	selectReports    = `select c.id, c.title from reports` + part + `c.case_id = $2 order by c.id limit 200`
	selectAdvisories = `select c.id, c.title from advisories` + part + `c.case_id = $2 order by c.id limit 200`
	selectMessages   = `select c.id, c.text from messages` + part + `c.subject = $2 order by c.at, c.id limit 500`
	selectFiles      = `select c.id, c.name from files` + part + `c.subject = $2 order by c.at, c.id limit 500`

	selectLinks = `select c.id, c.title from links l join cases c on c.id = l.target where l.source = $2 and ` + filter + `
		union all select c.id, c.title from links l join cases c on c.id = l.source where l.target = $2 and ` + filter + ` limit 200`
	selectNamed = `select s.principal, s.role from visibility s where s.subject = $2 and $1 <> '' order by s.principal limit 200`
	selectLines = `select n.name, n.name from lines n where n.product = $2 and n.supported and $1 <> '' order by n.name limit 200`

	insertCase = `insert into cases (id, guard, audience, at, doc, version, stage, closed, title, severity, score, cwe, product, component, owner,
		source, cve, labels, due_at, due, breached, look_at, events, body)
		values ($1, $1, 'staff', $2, $3, 1, 'triage', false, $4, '', -1, $5, $6, $7, '', '', '', '', 0, '', false, 0, $8, $9)`
	insertAudit = `insert into audit (id, at, actor, verb, subject, outcome, reason, detail, profile, salt)
		values ($1, $2, $3, 'case.open', $4, 'done', '', $5, 'bare', $6)`
	insertWordsLite     = `insert into search (rowid, title, body) values ($1, $2, $3)`
	insertWordsPostgres = `insert into search (doc, words) values ($1, setweight(to_tsvector('simple', $2), 'A') || to_tsvector('simple', $3))`

	begin      = `begin immediate`
	savepoint  = `savepoint one`
	release    = `release one`
	rollbackTo = `rollback to one`
	commit     = `commit`
)
