-- The fields that a house asks of a risk besides, one row a value, for lists to ask
-- for; the risk's body holds them, too. guard is the risk.
create table risk_fields ( -- guarded
	risk text not null,
	guard text not null,
	audience text not null,
	name text not null,        -- of the profile
	value text not null,
	number bigint not null,    -- of a number: its ten-thousandths; of a date: microseconds UTC; else 0
	primary key (risk, name)
);
create index risk_fields_guard on risk_fields (guard);
