-- What was asked for once: a row is written in the transaction of the act itself,
-- so that the same request sent again changes nothing. Rows go after a day.
create table idempotency (
	key text primary key,    -- hash of who asked, for what, under which key
	hash text not null,      -- of the whole request
	at bigint not null,
	subject text not null,   -- the first record that the act changed
	status bigint not null,  -- of the answer; 0 while it is not kept
	answer text not null     -- sealed with the house's key
);
create index idempotency_at on idempotency (at);
