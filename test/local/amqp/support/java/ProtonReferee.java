import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.engine.Transport;
import org.apache.qpid.proton.message.Message;

/** Qpid Proton-J, the AMQP engine of the official client for Java, against the broker. Prints one JSON document. */
public final class ProtonReferee {
    private static final Symbol SELECTOR = Symbol.valueOf("apache.org:selector-filter:string");
    private static final int FRAME = 1024;

    private final Socket socket;
    private final Transport transport = Proton.transport();
    private final Connection connection = Proton.connection();
    private final byte[] buffer = new byte[64 * 1024];

    private ProtonReferee(int port, String user, String key) throws IOException {
        socket = new Socket("localhost", port);
        socket.setSoTimeout(10_000);
        transport.setMaxFrameSize(FRAME);
        transport.sasl().client();
        transport.sasl().plain(user, key);
        transport.bind(connection);
        connection.setContainer("proton-j");
        connection.setHostname("localhost");
        connection.open();
    }

    public static void main(String[] args) throws IOException {
        ProtonReferee referee = new ProtonReferee(Integer.parseInt(args[0]), args[1], args[2]);
        System.out.println(referee.judge(args[3], Integer.parseInt(args[4])));
    }

    private String judge(String hub, int count) throws IOException {
        Session session = connection.session();
        session.open();
        await(() -> session.getRemoteState() == EndpointState.ACTIVE);
        String source = hub + "/ConsumerGroups/$Default/Partitions/1";
        int accepted = send(session, hub + "/Partitions/1", count, false);
        send(session, hub + "/Partitions/1", count, true);

        Map<String, Object> received = new TreeMap<>();
        received.put("mixed", receive(session, "mixed", source, SenderSettleMode.MIXED, null, 2 * count));
        received.put("settles first",
            receive(session, "first", source, SenderSettleMode.UNSETTLED, ReceiverSettleMode.FIRST, 2 * count));
        received.put("settles second",
            receive(session, "second", source, SenderSettleMode.UNSETTLED, ReceiverSettleMode.SECOND, 2 * count));
        received.put("pre-settled", receive(session, "settled", source, SenderSettleMode.SETTLED, null, 2 * count));
        int left = drain(session, source, 2 * count);
        String refused = refuse(session, source.replace(hub, "missing"));

        session.close();
        await(() -> session.getRemoteState() == EndpointState.CLOSED);
        connection.close();
        await(() -> connection.getRemoteState() == EndpointState.CLOSED);
        socket.close();
        String numbers = received.entrySet().stream()
            .map(entry -> "\"" + entry.getKey() + "\":" + entry.getValue()).collect(Collectors.joining(","));
        return "{\"accepted\":" + accepted + ",\"received\":{" + numbers + "},\"left\":" + left + ",\"refused\":\""
            + refused + "\",\"closed\":true}";
    }

    /** How many the broker accepted. Each body is longer than a frame. */
    private int send(Session session, String address, int count, boolean settled) throws IOException {
        Sender sender = session.sender("sender " + settled);
        Target target = new Target();
        target.setAddress(address);
        sender.setTarget(target);
        sender.setSource(new Source());
        sender.setSenderSettleMode(settled ? SenderSettleMode.SETTLED : SenderSettleMode.UNSETTLED);
        sender.open();
        await(() -> sender.getCredit() >= count);
        checkAnswer(sender, address);
        List<Delivery> deliveries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Delivery delivery = sender.delivery((settled + "-" + i).getBytes());
            Message message = Message.Factory.create();
            byte[] body = new byte[3 * FRAME];
            body[0] = (byte) i;
            message.setBody(new Data(new Binary(body)));
            byte[] encoded = new byte[4 * FRAME];
            sender.send(encoded, 0, message.encode(encoded, 0, encoded.length));
            if (settled) delivery.settle();
            else deliveries.add(delivery);
            sender.advance();
        }
        await(() -> deliveries.stream().allMatch(Delivery::remotelySettled));
        long accepted = deliveries.stream().filter(delivery -> delivery.getRemoteState() instanceof Accepted).count();
        close(sender);
        return (int) accepted;
    }

    private List<Integer> receive(
        Session session, String name, String address, SenderSettleMode from, ReceiverSettleMode by, int count
    ) throws IOException {
        Receiver receiver = open(session, name, address, from, by);
        receiver.flow(count);
        List<Integer> numbers = new ArrayList<>();
        List<Delivery> second = new ArrayList<>();
        while (numbers.size() < count) {
            await(() -> complete(receiver.current()));
            Delivery delivery = receiver.current();
            byte[] encoded = new byte[delivery.pending()];
            int length = receiver.recv(encoded, 0, encoded.length);
            Message message = Message.Factory.create();
            message.decode(encoded, 0, length);
            numbers.add((int) ((Data) message.getBody()).getValue().getArray()[0]);
            boolean settles = delivery.remotelySettled();
            if (settles != (from == SenderSettleMode.SETTLED)) throw new IOException("settled: " + settles);
            receiver.advance();
            if (settles) delivery.settle();
            else {
                delivery.disposition(Accepted.getInstance());
                if (by == ReceiverSettleMode.SECOND) second.add(delivery);
                else delivery.settle();
            }
        }
        // One that settles second waits until the broker has settled.
        await(() -> second.stream().allMatch(Delivery::remotelySettled));
        second.forEach(Delivery::settle);
        close(receiver);
        return numbers;
    }

    /** The credit that is left after a drain. */
    private int drain(Session session, String address, int count) throws IOException {
        Receiver receiver = open(session, "drain", address, SenderSettleMode.SETTLED, null);
        receiver.drain(count + 50);
        await(() -> receiver.getRemoteCredit() == 0 && receiver.getQueued() == count);
        int left = receiver.getRemoteCredit();
        close(receiver);
        return left;
    }

    private String refuse(Session session, String address) throws IOException {
        Receiver receiver = create(session, "refused", address, SenderSettleMode.SETTLED, null);
        await(() -> receiver.getRemoteState() == EndpointState.CLOSED);
        String condition = receiver.getRemoteCondition().getCondition().toString();
        close(receiver);
        return condition;
    }

    private Receiver open(
        Session session, String name, String address, SenderSettleMode from, ReceiverSettleMode by
    ) throws IOException {
        Receiver receiver = create(session, name, address, from, by);
        await(() -> receiver.getRemoteState() == EndpointState.ACTIVE);
        Source answered = (Source) receiver.getRemoteSource();
        if (!answered.getAddress().equals(address) || !answered.getFilter().containsKey(SELECTOR))
            throw new IOException("Another source came back: " + answered);
        return receiver;
    }

    private Receiver create(
        Session session, String name, String address, SenderSettleMode from, ReceiverSettleMode by
    ) {
        Receiver receiver = session.receiver(name);
        Source source = new Source();
        source.setAddress(address);
        source.setFilter(Map.of(SELECTOR, new First()));
        receiver.setSource(source);
        receiver.setTarget(new Target());
        receiver.setSenderSettleMode(from);
        receiver.setReceiverSettleMode(by);
        receiver.open();
        return receiver;
    }

    private static void checkAnswer(Link link, String address) throws IOException {
        Target answered = (Target) link.getRemoteTarget();
        if (!answered.getAddress().equals(address)) throw new IOException("Another target came back: " + answered);
    }

    private static boolean complete(Delivery delivery) {
        return delivery != null && !delivery.isPartial();
    }

    private void close(Link link) throws IOException {
        link.close();
        await(() -> link.getRemoteState() == EndpointState.CLOSED);
    }

    /** Writes and reads until this holds. */
    private void await(BooleanSupplier holds) throws IOException {
        flush();
        while (!holds.getAsBoolean()) {
            int read = socket.getInputStream().read(buffer);
            if (read < 0) throw new IOException("The broker has gone: " + transport.getCondition());
            for (int at = 0; at < read; ) {
                ByteBuffer in = transport.getInputBuffer();
                int length = Math.min(in.remaining(), read - at);
                in.put(buffer, at, length);
                at += length;
                transport.processInput().checkIsOk();
            }
            flush();
        }
    }

    private void flush() throws IOException {
        for (ByteBuffer out = transport.getOutputBuffer(); out.hasRemaining(); out = transport.getOutputBuffer()) {
            byte[] bytes = new byte[out.remaining()];
            out.get(bytes);
            socket.getOutputStream().write(bytes);
            transport.outputConsumed();
        }
    }

    /** From the first event. */
    private static final class First implements DescribedType {
        @Override
        public Object getDescriptor() {
            return SELECTOR;
        }

        @Override
        public Object getDescribed() {
            return "amqp.annotation.x-opt-offset > '-1'";
        }
    }
}
