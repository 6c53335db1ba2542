package rig

const (
	insertPerson = `insert into people (id, name, handle, email, state, password, totp, totp_step, invite, invite_until, made_at, seen_at, version)
		values ($1, $2, $3, '', 'active', '', '', 0, '', 0, $4, 0, 1) on conflict (id) do nothing`
	insertMembership = `insert into membership (holder, principal) values ($1, $2) on conflict do nothing`
	countRows        = `select count(*) from `
	tellReader       = `select set_config('tocsin.reader', $1, true)`
)

func makeRole(role string) string {
	return `do $$ begin create role ` + role + ` login; exception when duplicate_object or unique_violation then null; end $$`
}

func ownSchema(role string) string {
	return `grant all on schema public to ` + role
}
