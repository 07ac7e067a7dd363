"""Two people at two terminals, on an echo server at the same time."""

import socket
import unittest

import servers


class Telnet(unittest.TestCase):
    def connect(self, port):
        connection = socket.create_connection(("127.0.0.1", port), timeout=servers.PATIENCE)
        self.addCleanup(connection.close)
        terminal = connection.makefile("rwb", buffering=0)
        self.addCleanup(terminal.close)
        return connection, terminal

    def test_neither_waits_for_the_other(self):
        port = self.enterContext(servers.running("echo_lines"))
        first_connection, first = self.connect(port)
        second_connection, second = self.connect(port)
        for number in range(10):
            second.write(b"second %d\r\n" % number)
            self.assertEqual(second.readline(), b"second %d\r\n" % number)
            first.write(b"first %d\r\n" % number)
            self.assertEqual(first.readline(), b"first %d\r\n" % number)
        first_connection.shutdown(socket.SHUT_WR)
        self.assertEqual(first.read(), b"")
        second.write(b"still there\r\n")
        self.assertEqual(second.readline(), b"still there\r\n")
        second_connection.shutdown(socket.SHUT_WR)
        self.assertEqual(second.read(), b"")

    def test_half_a_line(self):
        port = self.enterContext(servers.running("echo_lines"))
        connection, terminal = self.connect(port)
        terminal.write(b"no line end")
        connection.shutdown(socket.SHUT_WR)
        self.assertEqual(terminal.read(), b"no line end")


if __name__ == "__main__":
    unittest.main()
