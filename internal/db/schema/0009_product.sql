-- What the vendor ships. Products are no secret inside: every record names them.
create table products (
	name text primary key,    -- as records name it: 'harbor-gateway'
	title text not null,
	vendor text not null,
	purl text not null,
	ecosystem text not null,  -- OSV's word, '' where it is in none
	about text not null,
	public boolean not null,  -- offered on the public report form
	version bigint not null
);
create table components (
	product text not null,
	name text not null,
	title text not null,
	team text not null,       -- who owns it, '' is nobody
	primary key (product, name)
);
create table lines (
	product text not null,
	name text not null,       -- '18.7'
	supported boolean not null, -- gets fixes
	until bigint not null,    -- end of support, microseconds UTC; 0 is not set
	primary key (product, name)
);
