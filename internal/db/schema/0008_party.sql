-- People inside, and what they sign in with.
create table people (
	id text primary key,
	name text not null,
	handle text not null,     -- for mentions: @ada
	email text not null,      -- lower case; '' is none
	state text not null,      -- invited, active, disabled
	password text not null,   -- argon2id, PHC string; '' is none
	totp text not null,       -- sealed; '' is none
	totp_step bigint not null, -- last time step used, so that a code works once
	invite text not null,     -- hash of the one-time link; '' is none
	invite_until bigint not null,
	made_at bigint not null,
	seen_at bigint not null,
	version bigint not null
);
create unique index people_handle on people (handle);
create unique index people_email on people (email) where email <> '';
create unique index people_invite on people (invite) where invite <> '';

create table teams (
	id text primary key,
	name text not null,
	version bigint not null
);
create unique index teams_name on teams (name);

-- Signed-in browsers. The cookie's value is never stored, only its hash.
create table sessions (
	hash text primary key,
	person text not null,
	made_at bigint not null,
	seen_at bigint not null,
	until bigint not null,
	agent text not null       -- the browser, as it calls itself
);
create index sessions_person on sessions (person);

-- Tokens for programs: shown once, stored hashed.
create table tokens (
	id text primary key,
	hash text not null,
	name text not null,
	scopes text not null,     -- JSON list; null is all
	made_by text not null,
	made_at bigint not null,
	until bigint not null,    -- 0 is for ever
	revoked_at bigint not null,
	seen_at bigint not null
);
create unique index tokens_hash on tokens (hash);

-- Failed sign-ins, so that guessing is slowed wherever it comes from.
create table attempts (
	id text primary key,      -- what is being guessed: hash of the account or of the address
	failed bigint not null,
	first_at bigint not null,
	last_at bigint not null
);

-- What the house knows of itself: setup link, keys, store id.
create table settings (
	name text primary key,
	value text not null
);

-- What people were told inside the house.
create table notices (
	id text primary key,
	person text not null,
	subject text not null,
	what text not null,       -- verb, mention, clock:NAME
	actor text not null,
	at bigint not null,
	read_at bigint not null,
	once text not null
);
create index notices_person on notices (person, read_at, at desc);
create unique index notices_once on notices (person, once);

-- What went out by mail, or would have.
create table mails (
	id text primary key,
	job text not null,        -- the job that made it: once a job
	at bigint not null,
	recipient text not null,
	subject text not null,
	body text not null,
	state text not null,      -- kept (no mail server is set), sent, refused
	note text not null,
	about text not null       -- the record that it is about
);
create unique index mails_job on mails (job, recipient);
create index mails_at on mails (at desc, id desc);
