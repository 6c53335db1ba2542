-- How a person wants pages: zone, locale, colours, contrast, motion, as JSON; '' is as the browser says.
alter table people add column taste text not null default '';
