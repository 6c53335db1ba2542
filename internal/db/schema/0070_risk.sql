-- Risks: systemic risks of the product, from statement to closure.
create table risks ( -- guarded risk
	id text primary key,
	guard text not null,
	audience text not null,   -- staff, or named: need to know
	at bigint not null,       -- raised, microseconds UTC
	doc bigint not null,      -- its place in lists, newest first, and its number in the full-text index
	version bigint not null,
	stage text not null,
	closed boolean not null,
	title text not null,
	kind text not null,
	scope text not null,
	department text not null, -- of the business owner
	response text not null,   -- monitor, remediate, accept; '' is not decided
	path text not null,       -- of remediation
	owner text not null,      -- the business owner
	security text not null,   -- the security owner
	parent text not null,     -- the risk of the register above
	labels text not null,     -- ' a b ', with blanks around
	due_at bigint not null,   -- what its clocks want next; 0 is nothing
	due text not null,
	breached boolean not null,
	review_at bigint not null, -- the next review; 0 is none planned
	synced_at bigint not null, -- the last sync with the owner
	touched_at bigint not null, -- when somebody last changed it
	look_at bigint not null,  -- when its clocks change by themselves; 0 is never
	events text not null,     -- JSON: the recorded events that its clocks run on
	body text not null        -- JSON: everything else that it says
);
create unique index risks_doc on risks (doc);
create index risks_seen on risks (audience, doc desc);
create index risks_owner on risks (owner, doc desc);
create index risks_look on risks (look_at);
create index risks_review on risks (closed, review_at);
-- All that counting the register asks of a risk and of where it stands, so that it
-- reads no row.
create index risks_counted on risks (closed, audience, guard, id, doc, stage, scope, response, department, due_at, review_at, labels);

-- Where a risk stands: the score in force, once by the evidence that all staff
-- may open (open) and once by all of it (all). A change of hidden evidence
-- touches nothing that a reader without the aggregate grant can see.
create table standings (
	risk text not null,
	world text not null,       -- open, all
	kind text not null,        -- of the score in force: inherent, residual, adjusted, override; '' is not scored
	likelihood bigint not null, -- hundredths; -1 is unset, here and below
	impact bigint not null,
	score bigint not null,
	rating text not null,      -- '' is unset
	held boolean not null,     -- base and evidence disagree: a person must look
	items bigint not null,     -- of evidence that count
	points bigint not null,
	inherent bigint not null,  -- scores
	residual bigint not null,
	target bigint not null,
	standing text not null,    -- within, above, ceiling; '' is unset
	scale text not null,       -- version of the scales that the base was judged on
	above_since bigint not null, -- since when it is out of tolerance; 0 is not
	at bigint not null,        -- of the newest evaluation
	primary key (risk, world)
);
create index standings_score on standings (world, score desc, risk);
create index standings_counted on standings (world, risk, score, likelihood, impact, held, rating, standing);

-- Evaluations: dated, immutable records of how a score came to be.
create table evaluations ( -- guarded
	id text primary key,
	guard text not null,
	audience text not null,
	risk text not null,
	at bigint not null,
	world text not null,      -- base: what people judged; open, all: computed from that evidence
	kind text not null,       -- inherent, residual, target, adjusted, override, validated
	likelihood bigint not null, -- hundredths
	impact bigint not null,
	score bigint not null,
	rating text not null,
	scale text not null,      -- version of the scales
	author text not null,
	body text not null        -- JSON: inputs, arithmetic, confidence, reason
);
create index evaluations_risk on evaluations (risk, at, id);

-- Scales that scores were given on, for as long as there are such scores.
create table scales (
	version text primary key,
	at bigint not null,       -- first used
	body text not null        -- JSON: scales, matrix, ratings
);

-- Evidence: what happened that tells how likely and how bad a risk is. What is
-- linked to a case is guarded by the case.
create table evidence ( -- guarded
	id text primary key,
	guard text not null,
	audience text not null,
	risk text not null,
	about text not null,      -- a record's id, or a name in another system
	kind text not null,       -- of the profile's kinds of evidence
	at bigint not null,       -- when it happened; 0 is unknown; of a case, its opening
	severity text not null,
	author text not null,
	made_at bigint not null,
	dropped boolean not null, -- taken back, with the reason in body; never deleted
	body text not null        -- JSON: title, source, link, note, reason
);
create unique index evidence_once on evidence (risk, about);
create index evidence_about on evidence (about);
create index evidence_guard on evidence (guard);

-- Decisions on a risk, each with the state that it was taken on.
create table decisions ( -- guarded
	id text primary key,
	guard text not null,
	audience text not null,
	risk text not null,
	kind text not null,       -- accept, plan, monitor, close, escalate, downgrade
	state text not null,      -- asked, active, stale, due, ended, refused
	at bigint not null,
	until bigint not null,    -- 0 is without end
	review_at bigint not null, -- the next review; 0 is none
	hash text not null,       -- SHA-256 of the snapshot
	author text not null,     -- who asked
	version bigint not null,
	body text not null        -- JSON: the request, the snapshot, the approvals, the reviews
);
create index decisions_risk on decisions (risk, at, id);
create index decisions_until on decisions (state, review_at);

-- Appetite surveys with their results: the newest that is decided is in force.
create table appetites (
	id text primary key,
	at bigint not null,
	year bigint not null,
	state text not null,      -- open, decided
	appetite text not null,   -- '' before it is decided
	version bigint not null,
	body text not null        -- JSON: answers by person, the average, who decided and why
);
create index appetites_at on appetites (at, id);

alter table people add column level text not null default ''; -- of management, a word of the profile
