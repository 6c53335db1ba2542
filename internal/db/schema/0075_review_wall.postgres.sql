-- The second wall, as of 0050, around reviews and hygiene.
alter table meetings enable row level security;
alter table meetings force row level security;
create policy seen on meetings for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on meetings for insert with check (true);
create policy changed on meetings for update using (true);
create policy removed on meetings for delete using (true);

alter table meeting_items enable row level security;
alter table meeting_items force row level security;
create policy seen on meeting_items for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on meeting_items for insert with check (true);
create policy changed on meeting_items for update using (true);
create policy removed on meeting_items for delete using (true);

alter table meeting_points enable row level security;
alter table meeting_points force row level security;
create policy seen on meeting_points for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on meeting_points for insert with check (true);
create policy changed on meeting_points for update using (true);
create policy removed on meeting_points for delete using (true);

alter table risk_reviews enable row level security;
alter table risk_reviews force row level security;
create policy seen on risk_reviews for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on risk_reviews for insert with check (true);
create policy changed on risk_reviews for update using (true);
create policy removed on risk_reviews for delete using (true);

alter table candidates enable row level security;
alter table candidates force row level security;
create policy seen on candidates for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on candidates for insert with check (true);
create policy changed on candidates for update using (true);
create policy removed on candidates for delete using (true);

alter table cares enable row level security;
alter table cares force row level security;
create policy seen on cares for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on cares for insert with check (true);
create policy changed on cares for update using (true);
create policy removed on cares for delete using (true);
