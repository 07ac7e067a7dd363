// "Hello, World!" and files with Go's net/http: a goroutine for each connection.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"runtime"
)

func greet(response http.ResponseWriter, _ *http.Request) {
	response.Header().Set("Content-Type", "text/plain")
	io.WriteString(response, "Hello, World!")
}

func main() {
	port := flag.Int("port", 0, "port to listen on; 0: any free one")
	directory := flag.String("directory", "", "serve its files instead of the greeting")
	flag.Parse()

	var handler http.Handler = http.HandlerFunc(greet)
	if *directory != "" {
		handler = http.FileServer(http.Dir(*directory))
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ready %d Go %s\n", listener.Addr().(*net.TCPAddr).Port, runtime.Version()[len("go"):])
	log.Fatal(http.Serve(listener, handler))
}
