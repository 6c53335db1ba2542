-- The second wall, as of 0050, around the fields of a house.
alter table risk_fields enable row level security;
alter table risk_fields force row level security;
create policy seen on risk_fields for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on risk_fields for insert with check (true);
create policy changed on risk_fields for update using (true);
create policy removed on risk_fields for delete using (true);
