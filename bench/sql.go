package main

const (
	selectLite     = `select sqlite_version()`
	selectPostgres = `select current_setting('server_version')`
	restrict       = `update cases set audience = 'named' where abs(doc % 50) <> 7`
	analyze        = `analyze`
	countGroups    = `select cwe, product, component, count(*) as n, sum(case severity when 'critical' then 3 when 'high' then 2 else 0 end) from cases indexed by cases_recurring
		where at >= $1 and at < $2 and barred = '' and cwe <> '' and audience = 'staff' group by cwe, product, component having n >= 5`
	createDatabase = `create database `
	dropDatabase   = `drop database if exists `
)
