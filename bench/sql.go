package main

const (
	selectLite     = `select sqlite_version()`
	selectPostgres = `select current_setting('server_version')`
	createDatabase = `create database `
	dropDatabase   = `drop database if exists `
)
