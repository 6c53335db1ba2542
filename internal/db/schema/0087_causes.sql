-- Root cause analyses stand in the body of their case; the row says how far it came,
-- for lists: '' is none, todo, done.
alter table cases add column rca text not null default '';
create index cases_rca on cases (rca, doc) where rca <> '';

-- The reviewed causes of cases: one row a word, as 'origin:unsafe-default'. Cases that
-- do not count have none.
create table causes ( -- guarded
	guard text not null,      -- the case
	audience text not null,
	cause text not null,      -- set and word of the profile
	product text not null,    -- of the case, as severity and date
	severity text not null,   -- '' is unknown
	at bigint not null,       -- opened, microseconds UTC
	primary key (guard, cause)
);
create index causes_group on causes (cause, product, at, audience, severity, guard);
create index causes_at on causes (at, cause, product, severity, audience, guard);
create index causes_named on causes (audience, at) where audience <> 'staff';

-- How many cases of each day have a cause in a product. No row names a case. A row of
-- audience 'staff' counts what all staff see; one of audience 'all' counts every case,
-- and nobody reads it but the house itself, for those who hold the grant.
create table cause_sums ( -- guarded
	guard text not null,      -- always '': no record opens the row
	audience text not null,   -- staff, all
	day bigint not null,      -- its first instant, microseconds UTC
	cause text not null,
	product text not null,
	severity text not null,
	n bigint not null,        -- cases
	primary key (audience, day, cause, product, severity)
);
create index cause_sums_guard on cause_sums (guard);
