// Closed-loop HTTP/1.1 generator: each of C connections sends its next request when the last
// answer came.  It writes one prepared request and reads answers by their Content-Length, nothing
// more, so that it costs little beside what is measured.  Prints one line of JSON.
//
//	closedloop -address 127.0.0.1:8080 -connections 32 -duration 3s -request FILE
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

type outcome struct {
	latencies []int64 // nanoseconds
	failed    int
	fault     string
}

func main() {
	address := flag.String("address", "", "HOST:PORT")
	connections := flag.Int("connections", 1, "how many at once")
	duration := flag.Duration("duration", time.Second, "how long")
	file := flag.String("request", "", "file with the bytes of one request")
	flag.Parse()
	request, err := os.ReadFile(*file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	outcomes := make([]outcome, *connections)
	var group sync.WaitGroup
	began := time.Now()
	for index := range outcomes {
		group.Add(1)
		go func(mine *outcome) {
			defer group.Done()
			if err := ask(*address, request, began.Add(*duration), mine); err != nil {
				mine.failed++
				mine.fault = err.Error()
			}
		}(&outcomes[index])
	}
	group.Wait()
	report(outcomes, time.Since(began))
}

func ask(address string, request []byte, end time.Time, mine *outcome) error {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	answers := bufio.NewReaderSize(connection, 16384)
	mine.latencies = make([]int64, 0, 1<<16)
	for {
		began := time.Now()
		if began.After(end) {
			return nil
		}
		if _, err := connection.Write(request); err != nil {
			return err
		}
		if err := readAnswer(answers); err != nil {
			return err
		}
		mine.latencies = append(mine.latencies, int64(time.Since(began)))
	}
}

func readAnswer(answers *bufio.Reader) error {
	status, err := answers.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(status) < 12 || string(status[9:12]) != "200" {
		return fmt.Errorf("answered %q", status)
	}
	length := -1
	for {
		line, err := answers.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if len(line) > 16 && strings.EqualFold(string(line[:15]), "content-length:") {
			length, err = strconv.Atoi(strings.TrimSpace(string(line[15:])))
			if err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return errors.New("an answer without Content-Length")
	}
	_, err = answers.Discard(length)
	return err
}

func report(outcomes []outcome, elapsed time.Duration) {
	var all []int64
	failed, fault := 0, ""
	for _, one := range outcomes {
		all = append(all, one.latencies...)
		failed += one.failed
		if one.fault != "" {
			fault = one.fault
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	quantile := func(share float64) float64 {
		if len(all) == 0 {
			return 0
		}
		return float64(all[int(share*float64(len(all)-1))]) / 1e3
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"requests": len(all), "failed": failed, "fault": fault, "seconds": elapsed.Seconds(),
		"p50_us": quantile(0.5), "p99_us": quantile(0.99), "p999_us": quantile(0.999),
	})
}
