package main

const (
	selectLite     = `select sqlite_version()`
	selectPostgres = `select current_setting('server_version')`
	restrict       = `update cases set audience = 'named' where abs(doc % 50) <> 7`
	analyze        = `analyze`
	countGroups    = `select cwe, product, component, count(*) as n, sum(case severity when 'critical' then 3 when 'high' then 2 else 0 end) from cases indexed by cases_recurring
		where at >= $1 and at < $2 and barred = '' and cwe <> '' and audience = 'staff' group by cwe, product, component having n >= 5`
	bareMap = `select n.likelihood, n.impact, n.rating, n.standing, count(*) from risks c join standings n on n.risk = c.id and n.world = 'open' where c.closed = false and c.audience = 'staff'
		group by 1, 2, 3, 4`
	bareFacets = `select stage, scope, response, department, count(*), sum(due_at > 0 and due_at < $1), sum(review_at > 0 and review_at < $1) from risks where closed = false and audience = 'staff'
		group by 1, 2, 3, 4`
	bareTop = `select c.id, c.title, c.stage, c.owner, c.department, c.due_at, n.score, n.rating from risks c join standings n on n.risk = c.id and n.world = 'open'
		where c.closed = false and c.audience = 'staff' order by n.score desc, n.trend, c.doc limit 50`
	createDatabase = `create database `
	dropDatabase   = `drop database if exists `
)

// countDecided and countLengths are the least that a report has to count.
const (
	countDecided = `select what, severity, late, count(*) from spans where due > 0 and decided >= $1 and decided < $2 group by 1, 2, 3`
	countLengths = `select what, severity, (ended - begun - held) / 3600000000, count(*) from spans where ended >= $1 and ended < $2 group by 1, 2, 3`
)
