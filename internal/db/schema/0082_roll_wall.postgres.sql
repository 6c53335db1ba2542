-- The second wall, as of 0050, around where risks stand.
alter table standings enable row level security;
alter table standings force row level security;
create policy seen on standings for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on standings for insert with check (true);
create policy changed on standings for update using (true);
create policy removed on standings for delete using (true);
