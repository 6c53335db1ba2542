package main

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"

	"tocsin/bench/load"
	"tocsin/bench/seed"
	"tocsin/internal/api"
)

// requests writes the requests to one program.
type requests struct {
	base  string // before /cases
	token string
	facts *seed.Facts
}

func (f *stores) of(name string) requests {
	r := requests{token: f.facts.Wide, facts: f.facts}
	if name == "real" {
		r.base = api.Base
	}
	return r
}

func (r requests) get(path string) load.Next {
	whole := []byte("GET " + r.base + path + " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + r.token + "\r\n\r\n")
	return func(b []byte, _ int) []byte { return append(b, whole...) }
}

// as is the same requests by another's token.
func (r requests) as(token string) requests {
	r.token = token
	return r
}

func (r requests) list() load.Next { return r.get("/cases") }

func (r requests) stage() load.Next { return r.get("/cases?stage=" + url.QueryEscape(r.facts.Stage)) }

func (r requests) search(words ...string) load.Next {
	return r.get("/cases?q=" + url.QueryEscape(strings.Join(words, " ")))
}

func (r requests) common() load.Next { return r.search(seed.Common[:]...) }

func (r requests) rare() load.Next { return r.search(seed.Rare) }

// one asks for one case after the other; path is "cases" or "whole".
func (r requests) one(path string) load.Next {
	before, after := "GET "+r.base+"/"+path+"/", " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer "+r.token+"\r\n\r\n"
	return func(b []byte, n int) []byte {
		b = append(b, before...)
		b = append(b, r.facts.IDs[n*7919%len(r.facts.IDs)]...)
		return append(b, after...)
	}
}

// create opens cases of about 520 bytes of text.
func (r requests) create() load.Next {
	head := "POST " + r.base + "/cases HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + r.token + "\r\nContent-Type: application/json\r\nContent-Length: "
	bodies := make([]string, 64)
	for i := range bodies {
		title, summary := seed.Text(uint64(i), 70), seed.Text(uint64(i)+1000, 450)
		bodies[i] = fmt.Sprintf(`{"title":%q,"summary":%q,"product":"foghorn","component":"parser","cwe":"CWE-79"}`, title, summary)
	}
	return func(b []byte, n int) []byte {
		body := bodies[n%len(bodies)]
		b = append(b, head...)
		b = fmt.Appendf(b, "%d\r\n\r\n", len(body))
		return append(b, body...)
	}
}

// mix is 45 lists, 40 cases, 10 searches and 5 creations of a hundred, shuffled.
func (r requests) mix() load.Next {
	kinds := []load.Next{r.list(), r.one("cases"), r.common(), r.rare(), r.create()}
	var deck []load.Next
	for i, share := range []int{45, 40, 5, 5, 5} {
		for range share {
			deck = append(deck, kinds[i])
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	return func(b []byte, n int) []byte { return deck[n%len(deck)](b, n) }
}
