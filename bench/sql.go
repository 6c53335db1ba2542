package main

const (
	selectLite     = `select sqlite_version()`
	selectPostgres = `select current_setting('server_version')`
	restrict       = `update cases set audience = 'named' where abs(doc % 50) <> 7`
	analyze        = `analyze`
	createDatabase = `create database `
	dropDatabase   = `drop database if exists `
)
