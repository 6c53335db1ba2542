package job

const (
	anyReady = `select 1 from jobs where (state = 'ready' and run_at <= $1) or (state = 'running' and lease_until <= $1) limit 1`

	// claimJob takes first what a silent worker has left, then what has waited
	// longest; each look-up reads the index from its start.
	claimJob = `update jobs set state = 'running', tries = tries + 1, lease_until = $2, worker = $3 where id = coalesce(
		(select id from jobs where state = 'running' and lease_until <= $1 limit 1 for update skip locked),
		(select id from jobs where state = 'ready' and run_at <= $1 order by run_at limit 1 for update skip locked))
		returning id, kind, args, tries`

	// A lease is known by its worker and its number of tries: the same worker may
	// have taken the job over from itself.
	renewLease = `update jobs set lease_until = $1 where id = $2 and worker = $3 and tries = $4 and state = 'running'`

	// A job that is done forgets its arguments: one of them may be a secret link.
	settleJob = `update jobs set state = $1, run_at = $2, last_error = $3, done_at = $4, lease_until = 0,
		args = case when $1 = 'done' then '{}' else args end
		where id = $5 and worker = $6 and tries = $7 and state = 'running'`
)
