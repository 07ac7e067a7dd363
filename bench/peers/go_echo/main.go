// The line echo with Go's net package: a goroutine for each connection.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"net"
	"runtime"
)

func serveConnection(connection net.Conn, once bool) {
	defer connection.Close()
	lines := bufio.NewReader(connection)
	for {
		line, err := lines.ReadSlice('\n')
		isPart := err == bufio.ErrBufferFull
		if err != nil && !isPart {
			return
		}
		if _, err := connection.Write(line); err != nil || once && !isPart {
			return
		}
	}
}

func serveStreams(address string, once bool) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	announce(listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serveConnection(connection, once)
	}
}

func serveDatagrams(address string) {
	local, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		log.Fatal(err)
	}
	socket, err := net.ListenUDP("udp", local)
	if err != nil {
		log.Fatal(err)
	}
	announce(socket.LocalAddr().(*net.UDPAddr).Port)
	datagram := make([]byte, 65536)
	for {
		size, peer, err := socket.ReadFromUDPAddrPort(datagram)
		if err == nil {
			socket.WriteToUDPAddrPort(datagram[:size], peer)
		}
	}
}

func announce(port int) {
	fmt.Printf("ready %d Go %s\n", port, runtime.Version()[len("go"):])
}

func main() {
	port := flag.Int("port", 0, "port to listen on; 0: any free one")
	udp := flag.Bool("udp", false, "datagrams instead of connections")
	once := flag.Bool("once", false, "answer one line, then close the connection")
	flag.Parse()

	address := fmt.Sprintf("127.0.0.1:%d", *port)
	if *udp {
		serveDatagrams(address)
	} else {
		serveStreams(address, *once)
	}
}
