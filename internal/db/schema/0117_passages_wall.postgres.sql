-- The second wall, as of 0050, around the texts that stand on records.
alter table passages enable row level security;
alter table passages force row level security;
create policy seen on passages for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on passages for insert with check (true);
create policy changed on passages for update using (true);
create policy removed on passages for delete using (true);
