-- Key risk indicators: what is measured to see whether a risk grows.
create table kris ( -- guarded kri
	id text primary key,
	guard text not null,      -- the risk that it was set up for
	audience text not null,
	at bigint not null,       -- set up, microseconds UTC
	version bigint not null,
	title text not null,
	kind text not null,       -- of the profile's kinds
	state text not null,      -- active, retired
	owner text not null,      -- who sees to its values; '' is the risk's owner
	asks boolean not null,    -- its values are the house's own: a query over cases
	light text not null,      -- green, yellow, red, unknown: by the newest value; stale once that was noticed
	last_at bigint not null,  -- of the newest value; 0 is none
	due_at bigint not null,   -- when the next value is due; 0 is never
	stale_at bigint not null, -- from when on the newest value says nothing; 0 is no value
	look_at bigint not null,  -- when the house has to look at it; 0 is never
	body text not null        -- JSON: everything else
);
create index kris_guard on kris (guard, at);
create index kris_look on kris (look_at);
create index kris_due on kris (state, due_at);

-- The other risks that an indicator tells of. Each row is guarded by that risk: who
-- may not see the risk sees no trace of it on the indicator.
create table kri_risks ( -- guarded
	kri text not null,
	guard text not null,      -- the risk
	audience text not null,
	at bigint not null,
	author text not null,
	primary key (kri, guard)
);
create index kri_risks_guard on kri_risks (guard, kri);

-- Values of indicators: one at a time. A corrected value is told by the trail.
create table kri_points ( -- guarded
	kri text not null,
	at bigint not null,       -- of what it says
	guard text not null,
	audience text not null,
	source text not null,     -- manual, csv, api, query, sample, experiment
	author text not null,
	made_at bigint not null,  -- recorded
	body text not null,       -- JSON: value, exposure, note, interval
	primary key (kri, at)
);
create index kri_points_guard on kri_points (guard);

-- Samples: what was drawn, from which frame and by which seed, so that anybody can
-- draw it again.
create table kri_samples ( -- guarded sample
	id text primary key,
	guard text not null,
	audience text not null,
	kri text not null,
	at bigint not null,
	author text not null,
	version bigint not null,
	done_at bigint not null,  -- when the last result came in; 0 is open
	frame text not null,      -- JSON: the strata with their members
	body text not null        -- JSON: seed, method, hash, chosen, results
);
create index kri_samples_kri on kri_samples (kri, at);
create index kri_samples_guard on kri_samples (guard);

-- Tasks: what the register asks of people, each on a record.
create table tasks ( -- guarded task
	id text primary key,
	guard text not null,      -- the record that it is about
	audience text not null,
	at bigint not null,       -- made
	version bigint not null,
	kind text not null,       -- kri.value, kri.red, kri.stale, review.kri, review.score, …
	about text not null,      -- what of the record, such as an indicator; the record itself
	who text not null,        -- whose it is; '' is the record's owner
	due_at bigint not null,   -- 0 is none
	state text not null,      -- open, done, dropped
	done_at bigint not null,
	done_by text not null,
	note text not null
);
create unique index tasks_once on tasks (guard, kind, about) where state = 'open';
create index tasks_guard on tasks (guard, at);
create index tasks_who on tasks (state, who, due_at);
