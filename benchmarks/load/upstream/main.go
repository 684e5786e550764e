// A model server for the memory figures: it reads every body to its end before it answers.
// POST answers a small JSON document, GET /bytes/N answers N zero bytes.
//
//	upstream -listen 127.0.0.1:8080
package main

import (
	"flag"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
)

const answer = `{"predictions":[0.5]}`

func serve(writer http.ResponseWriter, request *http.Request) {
	io.Copy(io.Discard, request.Body)
	if size, found := strings.CutPrefix(request.URL.Path, "/bytes/"); found {
		zeroes(writer, size)
		return
	}
	writer.Header().Set("Content-Type", "application/json")
	writer.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	io.WriteString(writer, answer)
}

func zeroes(writer http.ResponseWriter, size string) {
	left, err := strconv.Atoi(size)
	if err != nil {
		http.Error(writer, "no number", http.StatusBadRequest)
		return
	}
	writer.Header().Set("Content-Length", size)
	block := make([]byte, 1<<20)
	for left > 0 {
		written, err := writer.Write(block[:min(left, len(block))])
		if err != nil {
			return
		}
		left -= written
	}
}

func main() {
	listen := flag.String("listen", "", "HOST:PORT")
	flag.Parse()
	log.Fatal(http.ListenAndServe(*listen, http.HandlerFunc(serve)))
}
