-- The second wall, as of 0050, around quantification.
alter table quant_scenarios enable row level security;
alter table quant_scenarios force row level security;
create policy seen on quant_scenarios for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on quant_scenarios for insert with check (true);
create policy changed on quant_scenarios for update using (true);
create policy removed on quant_scenarios for delete using (true);

alter table quant_runs enable row level security;
alter table quant_runs force row level security;
create policy seen on quant_runs for select using (
	coalesce(current_setting('tocsin.reader', true), '') = ''
	or (audience = 'staff' and exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = 'staff'))
	or exists (select 1 from visibility s where s.subject = guard and (s.principal = current_setting('tocsin.reader', true)
		or exists (select 1 from membership m where m.holder = current_setting('tocsin.reader', true) and m.principal = s.principal))));
create policy made on quant_runs for insert with check (true);
create policy changed on quant_runs for update using (true);
create policy removed on quant_runs for delete using (true);
