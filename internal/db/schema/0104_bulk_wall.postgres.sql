-- The second wall, as of 0050, around what was done to many records.
alter table bulk_rows enable row level security;
alter table bulk_rows force row level security;
create policy seen on bulk_rows for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on bulk_rows for insert with check (true);
create policy changed on bulk_rows for update using (true);
create policy removed on bulk_rows for delete using (true);
