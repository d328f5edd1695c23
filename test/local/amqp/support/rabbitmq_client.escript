#!/usr/bin/env escript
%% RabbitMQ's client, an AMQP engine of its own, against the broker. Prints one JSON document.
%% Its events arrive in the mailbox of the process that opened the connection.
-mode(compile).

main([Plugins, Port, User, Key, Hub, Count]) ->
    [code:add_pathz(Path) || Path <- filelib:wildcard(Plugins ++ "/{amqp10_*,credentials_obfuscation-*}/ebin")],
    logger:set_primary_config(level, error),
    {ok, _} = application:ensure_all_started(amqp10_client),
    Total = list_to_integer(Count),
    {ok, Connection} = amqp10_client:open_connection(
        #{address => "localhost", port => list_to_integer(Port), hostname => <<"localhost">>,
          container_id => <<"rabbitmq">>, notify => self(), sasl => {plain, list_to_binary(User), list_to_binary(Key)}}),
    await({amqp10_event, {connection, Connection, opened}}),
    {ok, Session} = amqp10_client:begin_session_sync(Connection),
    Target = list_to_binary(Hub ++ "/Partitions/2"),
    Source = list_to_binary(Hub ++ "/ConsumerGroups/$Default/Partitions/2"),

    Accepted = [send(Session, Target, Mode, Total) || Mode <- [unsettled, mixed, settled]],
    Received = [{Mode, read(Session, Source, Mode, 3 * Total)} || Mode <- [unsettled, mixed, settled]],
    drain(Session, Source, 3 * Total),
    Refused = refuse(Session, <<"missing/ConsumerGroups/$Default/Partitions/2">>),

    Ended = answered(Session, fun amqp10_client:end_session/1),
    Closed = answered(Connection, fun amqp10_client:close_connection/1),
    io:format("{\"accepted\":~w,\"received\":{~s},\"refused\":\"~s\",\"closed\":~w}~n",
        [Accepted, lists:join(",", [io_lib:format("\"~s\":~w", [Mode, In]) || {Mode, In} <- Received]),
         Refused, Ended andalso Closed]),
    halt(0).

%% How many the broker accepted; of settled ones none is to be acknowledged.
send(Session, Target, Mode, Total) ->
    Name = atom_to_binary(Mode),
    {ok, Sender} = amqp10_client:attach_sender_link_sync(Session, <<"s-", Name/binary>>, Target, Mode),
    await({amqp10_event, {link, Sender, credited}}),
    Settled = Mode =:= settled,
    [ok = amqp10_client:send_msg(Sender, amqp10_msg:new(integer_to_binary(I), integer_to_binary(I), Settled))
        || I <- lists:seq(1, Total)],
    Accepted = [accepted || not Settled, I <- lists:seq(1, Total), await({amqp10_disposition, {accepted, integer_to_binary(I)}})],
    ok = amqp10_client:detach_link(Sender),
    await({amqp10_event, {link, Sender, {detached, normal}}}),
    length(Accepted).

%% The numbers in the bodies, in the order in which they came; each settled as the mode wants it.
read(Session, Source, Mode, Total) ->
    Receiver = attach(Session, Source, Mode),
    ok = amqp10_client:flow_link_credit(Receiver, Total, never),
    Bodies = [take(Receiver, Mode) || _ <- lists:seq(1, Total)],
    ok = amqp10_client:detach_link(Receiver),
    await({amqp10_event, {link, Receiver, {detached, normal}}}),
    Bodies.

take(Receiver, Mode) ->
    receive
        {amqp10_msg, Receiver, Message} ->
            Settled = Mode =:= settled,
            Settled = amqp10_msg:settled(Message) =:= true,
            [ok = amqp10_client:accept_msg(Receiver, Message) || not Settled],
            binary_to_integer(amqp10_msg:body_bin(Message))
    after 10000 -> fail(no_message)
    end.

%% With more credit than events, the broker gives the rest back.
drain(Session, Source, Total) ->
    Receiver = attach(Session, Source, <<"drain">>, settled),
    ok = amqp10_client:flow_link_credit(Receiver, Total + 1000, never, true),
    [take(Receiver, settled) || _ <- lists:seq(1, Total)],
    ok = amqp10_client:detach_link(Receiver),
    await({amqp10_event, {link, Receiver, {detached, normal}}}).

%% The condition of the refusal.
refuse(Session, Source) ->
    {ok, Receiver} = amqp10_client:attach_receiver_link(Session, <<"refused">>, Source, settled),
    receive
        {amqp10_event, {link, Receiver, {detached, Error}}} ->
            {symbol, Condition} = element(2, Error),
            Condition
    after 10000 -> fail(not_refused)
    end.

attach(Session, Source, Mode) -> attach(Session, Source, <<"r-", (atom_to_binary(Mode))/binary>>, Mode).
attach(Session, Source, Name, Mode) ->
    {ok, Receiver} = amqp10_client:attach_receiver_link(Session, Name, Source, Mode),
    await({amqp10_event, {link, Receiver, attached}}),
    Receiver.

%% A process of the client ends when the broker has answered.
answered(Process, Leave) ->
    Monitor = monitor(process, Process),
    ok = Leave(Process),
    receive {'DOWN', Monitor, process, _, normal} -> true after 10000 -> false end.

await(Message) -> receive Message -> true after 10000 -> fail(Message) end.

fail(What) ->
    io:format(standard_error, "never came: ~p; in the mailbox: ~p~n", [What, process_info(self(), messages)]),
    halt(1).
