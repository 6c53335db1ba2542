-- The second wall around reading: the engine itself leaves out of every guarded
-- table the rows that the reader may not see. A reading transaction says who
-- reads (tocsin.reader); what writes, and the house's own work, say nobody, and
-- were decided on the record before. A superuser and a role that bypasses row
-- security stand above the wall: run the house as an ordinary role.
alter table cases enable row level security;
alter table cases force row level security;
create policy seen on cases for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on cases for insert with check (true);
create policy changed on cases for update using (true);
create policy removed on cases for delete using (true);

alter table reports enable row level security;
alter table reports force row level security;
create policy seen on reports for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on reports for insert with check (true);
create policy changed on reports for update using (true);
create policy removed on reports for delete using (true);

alter table advisories enable row level security;
alter table advisories force row level security;
create policy seen on advisories for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on advisories for insert with check (true);
create policy changed on advisories for update using (true);
create policy removed on advisories for delete using (true);

alter table messages enable row level security;
alter table messages force row level security;
create policy seen on messages for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on messages for insert with check (true);
create policy changed on messages for update using (true);
create policy removed on messages for delete using (true);

alter table files enable row level security;
alter table files force row level security;
create policy seen on files for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on files for insert with check (true);
create policy changed on files for update using (true);
create policy removed on files for delete using (true);
