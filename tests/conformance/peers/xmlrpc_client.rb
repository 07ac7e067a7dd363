# A client by Ruby's xmlrpc: makes each call of standard input, a document a line, and prints what
# comes back as a response in one line. Argument: URL.

require "xmlrpc/client"
require "xmlrpc/marshal"

# What was base64 is a String there; what no text can hold goes back as base64.
def with_binary(value)
  case value
  when String
    value.force_encoding("UTF-8")
    value.valid_encoding? && value !~ /\0/ ? value : XMLRPC::Base64.new(value)
  when Array then value.map { |item| with_binary(item) }
  when Hash then value.transform_values { |item| with_binary(item) }
  else value
  end
end

$stdout.sync = true
client = XMLRPC::Client.new2(ARGV[0])
$stdin.each_line do |call|
  name, arguments = XMLRPC::Marshal.load_call(call)
  begin
    result = with_binary(client.call(name, *with_binary(arguments)))
  rescue XMLRPC::FaultException => fault
    result = fault
  end
  puts XMLRPC::Marshal.dump_response(result).delete("\r\n")
end
