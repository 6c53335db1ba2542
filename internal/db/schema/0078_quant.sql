-- Quantification: what people hold the factors of a risk to be, and what years drawn
-- from it cost. A scenario is never changed: a new version is a new row.
create table quant_scenarios ( -- guarded
	guard text not null,      -- the risk
	audience text not null,
	n bigint not null,        -- version, from 1
	at bigint not null,
	author text not null,
	hash text not null,       -- of what is run
	body text not null,       -- JSON: why, the text as it was written, and what was read of it
	primary key (guard, n)
);

-- Runs of one risk's scenario, or of all that somebody may see: those are guarded by
-- themselves, and seen by who asked alone.
create table quant_runs ( -- guarded quant
	id text primary key,
	guard text not null,      -- the risk, or the run itself
	audience text not null,
	at bigint not null,       -- asked for, microseconds UTC
	version bigint not null,
	author text not null,
	n bigint not null,        -- version of the scenario; 0 is of several risks
	state text not null,      -- waiting, running, done, cancelled, failed
	key text not null,        -- hash of engine, input, trials and seed: the same key has the same result
	done bigint not null,     -- years drawn
	total bigint not null,    -- of these; 0 is not known yet
	ended_at bigint not null,
	body text not null,       -- JSON: trials, seed, engine, what went wrong
	input text not null,      -- JSON: what is run
	result text not null      -- JSON; '' while there is none
);
create index quant_runs_guard on quant_runs (guard, at);
create index quant_runs_key on quant_runs (key, at);
