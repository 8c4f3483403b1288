using System.Text.Json.Nodes;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using OrleansAlign.Core.Policies;
using OrleansAlign.Core.Judging;
using OrleansAlign.Core.Ports;
using OrleansAlign.Core.Ledger;
using OrleansAlign.Grains.Contracts;
using OrleansAlign.Grains.Contracts.Wire;

namespace OrleansAlign.Grains.Tests.Wire;

public sealed class WireTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddSerializer().AddDomainJson().BuildServiceProvider();

    public static TheoryData<string> Names => [.. Travellers.All.Keys];

    private Serializer Serializer => services.GetRequiredService<Serializer>();

    public void Dispose() => services.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_arrives_as_it_left(string name)
    {
        object value = Travellers.All[name];

        object arrived = Serializer.Deserialize<object>(Serializer.SerializeToArray<object>(value))!;

        Assert.NotSame(value, arrived);
        Assert.Same(value.GetType(), arrived.GetType());
        Assert.Equal(Spelled(value), Spelled(arrived));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_copied_within_a_silo_is_the_same(string name)
    {
        object value = Travellers.All[name];

        Assert.Equal(Spelled(value), Spelled(services.GetRequiredService<DeepCopier>().Copy(value)!));
    }

    /// <summary>Changed bytes break silos and clients of another version: add ids and fields, and never renumber or rename them.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_and_names_on_the_wire_are_frozen(string name)
    {
        object value = Travellers.All[name];

        Assert.Equal(FrozenBytes.Of[name], Convert.ToBase64String(Serializer.SerializeToArray<object>(value)));
        Assert.Equal(Spelled(value), Spelled(Serializer.Deserialize<object>(Convert.FromBase64String(FrozenBytes.Of[name]))!));
    }

    [Fact]
    public void A_run_of_a_version_without_data_files_is_read()
    {
        RunRow older = (RunRow)Travellers.All["run"] with { DataFiles = null! };

        Assert.Empty(Serializer.Deserialize<RunRow>(Serializer.SerializeToArray(older))!.DataFiles);
    }

    [Fact]
    public void Every_type_that_travels_is_among_the_tested()
    {
        IEnumerable<Type> converted = typeof(IRunGrain).Assembly.GetTypes()
            .Where(t => t.GetCustomAttribute<RegisterConverterAttribute>() is not null)
            .Select(t => t.GetInterfaces().Single(i => i.IsGenericType).GetGenericArguments()[0])
            .Concat(DomainJson.Names.Keys);

        Assert.Equal(Sorted(converted), Sorted(Travellers.All.Values.Select(v => v.GetType()).Distinct()));

        static IEnumerable<string> Sorted(IEnumerable<Type> types) => types.Select(t => t.FullName!).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Marks_stay_where_they_were()
    {
        var arrived = Serializer.Deserialize<Models.Chat.ChatMessage>(Serializer.SerializeToArray(Travellers.Marked))!;

        Assert.Equal(Travellers.Marked.Marked!.Content, arrived.Marked!.Content);
        Assert.Equal(Travellers.Marked.Marked.Text, arrived.Marked.Text);
    }

    [Fact]
    public void A_prompts_check_travels_with_what_is_asked_about_it()
    {
        JsonObject check = new() { ["kind"] = "exact", ["answer"] = "owl" };
        JudgeQuestion question = new([new("user", "Name a bird")], "owl", "cod") { Check = check };

        Assert.Equal(check.ToJsonString(), Serializer.Deserialize<JudgeQuestion>(Serializer.SerializeToArray(question))!.Check!.ToJsonString());
        Assert.Equal(check.ToJsonString(), Serializer.Deserialize<RatedResponse>(Serializer.SerializeToArray(question.RatingOf("owl")))!.Check!.ToJsonString());
    }

    [Fact]
    public void Lists_travel_whatever_made_them()
    {
        RunEvent began = new RunEvent.Began(1, "sft", 0, 0), noted = new RunEvent.Noted("text");
        IReadOnlyList<RunEvent> expression = [began, noted], one = [began], list = new List<RunEvent> { began, noted }, array = new[] { began, noted };
        IReadOnlyList<RunEvent> spread = [.. array.Where(_ => true)], none = [];

        foreach (IReadOnlyList<RunEvent> events in new[] { expression, one, list, array, spread, none })
        {
            RunNews news = new(7, events, new RunStatus(RunPhase.Failed, "why", "policy", "silo"));
            RunNews arrived = Serializer.Deserialize<RunNews>(Serializer.SerializeToArray(news))!;
            Assert.Equal(events, arrived.Events);
            Assert.Equal(news.Status, arrived.Status);
            Assert.Equal(events, services.GetRequiredService<DeepCopier>().Copy(news)!.Events);
        }
    }

    [Fact]
    public void Ratings_and_engines_travel_in_lists()
    {
        IReadOnlyList<Rating> ratings = [Rating.Of(1), new Rating.Unparsable("why"), Rating.Of(1)];
        Assert.Equal(ratings, Serializer.Deserialize<IReadOnlyList<Rating>>(Serializer.SerializeToArray(ratings)));

        DeviceSlot slot = new("slot/a/0", "a", "cuda:0", [EngineKind.Torchsharp, EngineKind.Managed]);
        Assert.Equal(slot.Engines, Serializer.Deserialize<DeviceSlot>(Serializer.SerializeToArray(slot))!.Engines);
        Assert.Equal(EngineKind.Torchsharp, Serializer.Deserialize<EngineKind>(Serializer.SerializeToArray(EngineKind.Torchsharp)));
    }

    [Fact]
    public void A_conversation_that_many_requests_share_travels_once_and_is_shared_where_it_arrives()
    {
        Models.Chat.ChatMessage[] conversation = [new("user", new string('x', 10_000))];
        IReadOnlyList<GenerationRequest> requests = [.. Enumerable.Range(0, 8).Select(i => new GenerationRequest(conversation, (ulong)i, Travellers.Sampling))];

        byte[] bytes = Serializer.SerializeToArray(requests);
        IReadOnlyList<GenerationRequest> arrived = Serializer.Deserialize<IReadOnlyList<GenerationRequest>>(bytes)!;

        Assert.InRange(bytes.Length, 10_000, 11_000);
        Assert.All(arrived, r => Assert.Same(arrived[0].Messages, r.Messages));
    }

    [Fact]
    public void Refusals_keep_their_words()
    {
        Assert.Equal("busy", Copied(new SlotBusyException("busy")).Message);
        Assert.Equal("one\ntwo", Copied(new RunRefusedException("one\ntwo")).Message);

        T Copied<T>(T error)
            where T : Exception => Assert.IsType<T>(Serializer.Deserialize<Exception>(Serializer.SerializeToArray<Exception>(error)));
    }

    /// <summary>Everything in a value, numbers to the bit.</summary>
    private static string Spelled(object value) => JsonSerializer.Serialize(value, value.GetType(), Spelling);

    private static readonly JsonSerializerOptions Spelling = new()
    {
        Converters = { new FloatBits(), new DoubleBits() }, WriteIndented = true,
    };

    private sealed class FloatBits : JsonConverter<float>
    {
        public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options) =>
            writer.WriteStringValue($"{BitConverter.SingleToUInt32Bits(value):x8}");
    }

    private sealed class DoubleBits : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            writer.WriteStringValue($"{BitConverter.DoubleToUInt64Bits(value):x16}");
    }
}
